"""Which files may be trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.rag_trainer.places import Outside, Places
from tests.rag_jobs import write_documents


def test_folders_are_admitted(tmp_path: Path) -> None:
    """The documents' folder, those below, and the roots; relative paths are relative to the documents."""
    documents = write_documents(tmp_path / "documents")
    (documents / "sub").mkdir()
    root = write_documents(tmp_path / "root")
    places = Places(documents, [root])
    assert places.admit() == documents
    assert places.admit("sub") == documents / "sub"
    assert places.admit(str(root)) == root


@pytest.mark.parametrize("text", ["/etc", "..", "sub/../..", "link", "missing", "a.txt", "\0", "x" * 5000, "loop"])
def test_what_lies_elsewhere_is_refused(tmp_path: Path, text: str) -> None:
    """Also by a symbolic link; and what is no folder."""
    documents = write_documents(tmp_path / "documents", a="")
    (documents / "link").symlink_to(tmp_path)
    (documents / "loop").symlink_to(documents / "loop")
    with pytest.raises(Outside):
        Places(documents).admit(text)


def test_files_lie_below_their_folder(tmp_path: Path) -> None:
    """Each once; one that isn't there fails later, alone."""
    documents = write_documents(tmp_path / "documents", a="")
    (documents / "out.txt").symlink_to("/etc/passwd")
    places = Places(documents)
    assert places.admit_files(documents, ["a.txt", "./a.txt", "no.txt"]) == (
        str(documents / "a.txt"),
        str(documents / "no.txt"),
    )
    for name in ("../x", "/etc/passwd", "out.txt", ".", "a\0"):
        with pytest.raises(Outside):
            places.admit_files(documents, [name])

"""Stage 1."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.stage import StageFailed
from integrations.rag_trainer.stages.validation import InitialValidation
from tests.rag_documents import DOCUMENT_EN, DOCUMENT_RU, write_docx, write_pdf, write_txt


def _draft(path: Path) -> Draft:
    return Draft(Source(path, path.name))


def test_a_good_file_is_known(tmp_path: Path) -> None:
    """Size and format are those of the file."""
    path = write_docx(tmp_path / "a.docx", DOCUMENT_RU)
    found = InitialValidation(Limits()).run(_draft(path))
    assert (found.exists, found.can_read, found.format, found.warnings) == (True, True, "docx", ())
    assert found.size == path.stat().st_size
    assert found.log == f"{found.size} bytes, readable, docx"


def test_a_wrong_extension_is_a_warning(tmp_path: Path) -> None:
    """It goes into the log as well."""
    found = InitialValidation(Limits()).run(_draft(write_pdf(tmp_path / "a.docx", ["text"])))
    assert found.format == "pdf"
    assert found.warnings == ("the name ends with .docx; read as pdf by its bytes",)
    assert found.warnings[0] in found.log


def test_a_link_to_a_file_is_that_file(tmp_path: Path) -> None:
    """Only a loop is a failure."""
    (tmp_path / "link.txt").symlink_to(write_txt(tmp_path / "a.txt", DOCUMENT_EN))
    assert InitialValidation(Limits()).run(_draft(tmp_path / "link.txt")).format == "txt"


def test_bad_files_are_named(tmp_path: Path) -> None:
    """Each by its reason, and the sentence says what was expected."""
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "program.pdf").write_bytes(b"MZ\x90\0\3\0\0\0")
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "huge.pdf").open("wb") as file:
        file.truncate(500 << 20)
    expected = {
        "absent.pdf": "missing",
        "empty.pdf": "empty",
        "loop": "symlink_loop",
        "program.pdf": "unsupported",
        "pipe": "not_a_file",
        "huge.pdf": "too_large",
        ".": "directory",
    }
    found = {}
    for name in expected:
        with pytest.raises(StageFailed, match="Expected") as caught:
            InitialValidation(Limits()).run(_draft(tmp_path / name))
        found[name] = caught.value.reason
    assert found == expected


def test_what_may_not_be_read_is_unreadable(tmp_path: Path) -> None:
    """By the opener that it is given, because tests may run as root."""

    def refuse(path: Path, flags: int) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    with pytest.raises(StageFailed) as caught:
        InitialValidation(Limits(), refuse).run(_draft(write_txt(tmp_path / "a.txt", DOCUMENT_EN)))
    assert caught.value.reason == "unreadable"

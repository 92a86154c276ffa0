"""Stage 2."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.results import Duplicate
from integrations.rag_trainer.stage import Skipped
from integrations.rag_trainer.stages.duplicates import DuplicateChecking
from integrations.rag_trainer.stages.validation import InitialValidation
from tests.rag_documents import DOCUMENT_EN, DOCUMENT_RU, write_docx, write_html, write_txt


def _run(path: Path, held: dict[str, str] | None = None) -> Duplicate:
    draft = Draft(Source(path, path.name))
    draft.put(InitialValidation(Limits()).run(draft))
    return DuplicateChecking((held or {}).get).run(draft)


def _skipped(path: Path, held: dict[str, str]) -> str:
    with pytest.raises(Skipped) as caught:
        _run(path, held)
    assert caught.value.reason == "duplicate"
    return str(caught.value)


def test_a_new_file_has_its_hashes(tmp_path: Path) -> None:
    """SHA-256 of the bytes; for what is no text the two are the same."""
    path = write_docx(tmp_path / "a.docx", DOCUMENT_RU)
    found = _run(path)
    assert found.file_hash == found.content_hash == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (found.is_duplicate, found.duplicate_of) == (False, None)
    assert found.file_hash[:12] in found.log


def test_the_same_bytes_are_a_duplicate_under_any_name(tmp_path: Path) -> None:
    """Under another name, and under its own: then nothing has changed."""
    path = write_docx(tmp_path / "a.docx", DOCUMENT_RU)
    file_hash = _run(path).file_hash
    assert _skipped(path, {file_hash: "b.docx"}) == "The library has the same bytes as b.docx."
    assert "nothing has changed" in _skipped(path, {file_hash: "a.docx"})


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "utf-16", "utf-8-sig"])
def test_the_same_text_in_another_encoding_is_a_duplicate(tmp_path: Path, encoding: str) -> None:
    """With other line ends too."""
    held = {_run(write_txt(tmp_path / "a.txt", DOCUMENT_RU)).content_hash: "a.txt"}
    path = write_txt(tmp_path / "b.txt", DOCUMENT_RU, encoding, "\r\n")
    assert "text" in _skipped(path, held)


def test_the_same_page_in_another_encoding_is_a_duplicate(tmp_path: Path) -> None:
    """Though it declares another one."""
    held = {_run(write_html(tmp_path / "a.html", DOCUMENT_RU)).content_hash: "a.html"}
    assert "a.html" in _skipped(write_html(tmp_path / "b.html", DOCUMENT_RU, encoding="cp1251"), held)


def test_a_changed_file_is_no_duplicate(tmp_path: Path) -> None:
    """Of the same name: it replaces what was there."""
    path = write_txt(tmp_path / "a.txt", DOCUMENT_RU)
    before = _run(path)
    write_txt(path, DOCUMENT_EN)
    assert _run(path, {before.file_hash: "a.txt", before.content_hash: "a.txt"}).file_hash != before.file_hash


def test_what_is_in_mixed_encodings_is_left_to_the_next_stage(tmp_path: Path) -> None:
    """Which says by name what is wrong; here it has the hash of its bytes."""
    path = tmp_path / "a.txt"
    path.write_bytes("строительство\n".encode() * 50 + "строительство\n".encode("cp1251") * 50)
    found = _run(path)
    assert found.content_hash == found.file_hash

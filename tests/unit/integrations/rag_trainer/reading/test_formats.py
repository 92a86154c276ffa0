"""The format of a file by its bytes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.formats import recognise
from integrations.rag_trainer.stage import StageFailed
from tests.rag_documents import (
    DOCUMENT_RU,
    as_html,
    as_markdown,
    as_text,
    pdf_bytes,
    write_docx,
    write_xlsx,
    write_zip,
)


def _fails(data: bytes, name: str = "a.pdf") -> tuple[str, str]:
    with pytest.raises(StageFailed) as caught:
        recognise(io.BytesIO(data), name, Limits())
    return caught.value.reason, str(caught.value)


def test_each_format_is_known_by_its_bytes(tmp_path: Path) -> None:
    """A right extension is no warning, in capitals either."""
    documents = {
        "a.PDF": pdf_bytes(["текст"]),
        "a.docx": write_docx(tmp_path / "a.docx", DOCUMENT_RU).read_bytes(),
        "a.xlsx": write_xlsx(tmp_path / "a.xlsx", {"A": [["x"]]}).read_bytes(),
        "a.html": as_html(DOCUMENT_RU).encode(),
        "b.html": b"<p>only a paragraph</p>",
        "a.md": as_markdown(DOCUMENT_RU).encode("cp1251"),
        "a.txt": as_text(DOCUMENT_RU).encode("utf-16"),
        "a.png": b"\x89PNG\r\n\x1a\n\0\0",
        "a.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    }
    found = {name: recognise(io.BytesIO(data), name, Limits()) for name, data in documents.items()}
    assert [format for format, _ in found.values()] == [
        *("pdf", "docx", "xlsx", "html", "html", "md", "txt", "image", "image")
    ]
    assert not any(warnings for _, warnings in found.values())


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", pdf_bytes(["x"]), "pdf"),
        ("a.pdf", b"<!-- saved -->\n<!DOCTYPE html><html>x", "html"),
        ("a.docx", b"plain text", "txt"),
        ("folder.d/name", b"plain text", "txt"),
        ("a.csv", b"a;b", "txt"),
        ("a.txt", b"BM is how this text begins", "txt"),
        ("a.txt", b"MZ is how this text begins", "txt"),
    ],
    ids=["pdf", "html", "text", "bare", "csv", "like-bmp", "like-exe"],
)
def test_a_wrong_extension_is_read_by_its_bytes(name: str, data: bytes, expected: str) -> None:
    """With a warning, unless the name was right."""
    format, warnings = recognise(io.BytesIO(data), name, Limits())
    assert format == expected
    assert bool(warnings) == (not (name == "a.txt" and expected == "txt"))


def test_what_is_none_of_the_formats_is_named(tmp_path: Path) -> None:
    """A program called .pdf, an archive called .docx."""
    assert _fails(b"MZ\x90\0\3\0\0\0\4") == (
        "unsupported",
        "Expected pdf, docx, xlsx, html, md, txt or an image; by its bytes this is a Windows program."
        " Save it as one of these.",
    )
    assert "gzip" in _fails(b"\x1f\x8b\x08\0")[1]
    assert "RTF" in _fails(b"{\\rtf1 text}")[1]
    assert "ZIP" in _fails(write_zip(tmp_path / "z", {"a": b"x"}).read_bytes())[1]
    assert "presentation" in _fails(write_zip(tmp_path / "z", {"ppt/presentation.xml": b"x"}).read_bytes())[1]
    assert "binary" in _fails(bytes(range(256)) * 4)[1]


def test_office_documents_with_a_password_are_encrypted() -> None:
    """Office puts them into a compound file, as its old formats are."""
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100_000)
    assert _fails(ole + "EncryptedPackage".encode("utf-16-le"))[0] == "encrypted"
    assert ".doc" in _fails(ole)[1]


def test_an_archive_without_a_directory_is_corrupt(tmp_path: Path) -> None:
    """A docx that was cut while it was copied."""
    data = write_docx(tmp_path / "a.docx", DOCUMENT_RU).read_bytes()
    assert _fails(data[: len(data) // 2])[0] == "corrupt"

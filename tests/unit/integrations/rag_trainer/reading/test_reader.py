"""The one door to all readers."""

from __future__ import annotations

import functools
import os
import random
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.reader import read_document
from integrations.rag_trainer.results import Format
from integrations.rag_trainer.stage import StageFailed
from tests.rag_documents import (
    DOCUMENT_EN,
    DOCUMENT_RU,
    Outline,
    as_html,
    as_markdown,
    as_text,
    write_docx,
    write_pdf,
    write_xlsx,
    write_zip,
)

_LIMITS = Limits(text_chars=100_000, unpacked_bytes=4 << 20, pdf_operations=100_000, xml_nodes=100_000)
_FORMATS: tuple[Format, ...] = ("pdf", "docx", "xlsx", "html", "md", "txt")


@functools.cache
def _good(format: Format) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "document"
        if format == "pdf":
            return write_pdf(path, [as_text(DOCUMENT_RU)], "T", [Outline(1, "2 Состав работ", 0)]).read_bytes()
        if format == "docx":
            return write_docx(path, DOCUMENT_RU, "T").read_bytes()
        if format == "xlsx":
            return write_xlsx(path.with_suffix(".xlsx"), {"A": [["Работа", 1, None], ["x", 2.5, True]]}).read_bytes()
    texts = {"html": as_html(DOCUMENT_RU), "md": as_markdown(DOCUMENT_EN), "txt": as_text(DOCUMENT_RU)}
    return texts[format].encode()


def _read(format: Format, data: bytes) -> str | None:
    """Read it; `None`: a named failure. Anything else that is raised fails the test."""
    try:
        content = read_document(format, data, _LIMITS)
    except StageFailed:
        return None
    for table in content.tables:
        assert content.text[table.start : table.end] == "\n".join(" | ".join(row) for row in table.rows)
    for span in (*content.headings, *content.pages):
        assert span.start <= span.end <= len(content.text)
    content.text.encode()
    return content.text


@pytest.mark.parametrize("format", _FORMATS)
def test_each_format_is_read(format: Format) -> None:
    """By its own reader."""
    assert "работ" in (_read(format, _good(format)) or "").lower() or format == "md"


@pytest.mark.parametrize("format", ["pdf", "docx", "xlsx"])
def test_what_is_cut_is_corrupt(format: Format) -> None:
    """At any place: a named failure, or what could be read."""
    data = _good(format)
    for part in range(1, 20):
        _read(format, data[: len(data) * part // 20])
    with pytest.raises(StageFailed) as caught:
        read_document(format, b"not at all", _LIMITS)
    assert caught.value.reason == "corrupt"
    assert format in str(caught.value)


@pytest.mark.parametrize("format", _FORMATS)
@settings(max_examples=40, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 1 << 30), st.binary(max_size=6)), min_size=1, max_size=6))
def test_changed_bytes_never_crash(format: Format, changes: list[tuple[int, bytes]]) -> None:
    """Whatever a parser makes of a damaged file."""
    data = bytearray(_good(format))
    for place, piece in changes:
        start = place % len(data)
        data[start : start + len(piece)] = piece
    _read(format, bytes(data))


@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_changed_parts_never_crash(part: str, tmp_path: Path) -> None:
    """Damage inside of the archive, where no check sum finds it."""
    format: Format = "docx" if part.startswith("word") else "xlsx"
    (tmp_path / "a").write_bytes(_good(format))
    with zipfile.ZipFile(tmp_path / "a") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    chance = random.Random(3)
    for _ in range(25):
        data = bytearray(parts[part])
        for _ in range(chance.randint(1, 4)):
            start = chance.randrange(len(data))
            data[start : start + 2] = chance.choice([b"<", b'"9999999999"', b"", b"\0", b"</", b"-1", b"&x;"])
        _read(format, write_zip(tmp_path / "b", {**parts, part: bytes(data)}).read_bytes())


def test_deep_nesting_is_a_named_failure(tmp_path: Path) -> None:
    """A hundred thousand tables in tables."""
    deep = b"<w:tbl>" * 100_000
    xml = b'<w:document xmlns:w="w"><w:body>' + deep
    with pytest.raises(StageFailed) as caught:
        read_document("docx", write_zip(tmp_path / "a", {"word/document.xml": xml}).read_bytes(), Limits())
    assert caught.value.reason == "corrupt"


def test_images_need_text_recognition() -> None:
    """Off, it is said; on, its text is a page."""
    with pytest.raises(StageFailed) as caught:
        read_document("image", b"image", _LIMITS)
    assert caught.value.reason == "ocr_off"
    content = read_document("image", b"image", _LIMITS, lambda image, limits: f"text of {image.decode()}")
    assert (content.text, content.ocr, len(content.pages)) == ("text of image", True, 1)


def test_too_little_memory_is_named() -> None:
    """The job goes on with the next file."""

    def exhausted(image: bytes, limits: Limits) -> str:
        raise MemoryError

    with pytest.raises(StageFailed) as caught:
        read_document("image", os.urandom(1), _LIMITS, exhausted)
    assert caught.value.reason == "too_large"

"""PDF documents."""

from __future__ import annotations

import io
import tracemalloc
import zlib
from pathlib import Path
from typing import Literal, TypeAlias

import pytest
from pypdf import PdfReader, PdfWriter

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.content import Content
from integrations.rag_trainer.reading.pdf import read_pdf
from integrations.rag_trainer.reading.reader import read_document
from integrations.rag_trainer.stage import StageFailed
from tests.rag_documents import (
    DOCUMENT_EN,
    DOCUMENT_RU,
    Outline,
    as_text,
    assemble_pdf,
    drawn_pdf,
    grid_of,
    pdf_bytes,
    write_pdf,
)

_Algorithm: TypeAlias = Literal["RC4-40", "RC4-128", "AES-128", "AES-256"]

_CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"


def _fails(reason: str, data: bytes, limits: Limits | None = None) -> None:
    with pytest.raises(StageFailed) as caught:
        read_pdf(data, limits or Limits())
    assert caught.value.reason == reason


def _with_contents(content: bytes, pages: int = 1, more: bytes = b"", objects: tuple[bytes, ...] = ()) -> bytes:
    """Pages that all show the same stream, with resources of one's own."""
    kids = b" ".join(b"4 0 R" for _ in range(pages))
    packed = zlib.compress(content, 9)
    return assemble_pdf(
        [
            _CATALOGUE,
            b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, kids),
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << %s >> /Contents 3 0 R >>" % more,
            *objects,
        ]
    )


def _lines(content: Content, page: int) -> list[str]:
    span = content.pages[page]
    return content.text[span.start : span.end].split("\n")


def test_russian_and_english_pages_are_read(tmp_path: Path) -> None:
    """Each page at its place, bookmarks as headings, the title of the properties."""
    outline = [Outline(1, "Проект производства работ", 0), Outline(2, "1 Общие указания", 0), Outline(1, "Absent", 1)]
    path = write_pdf(tmp_path / "a.pdf", [as_text(DOCUMENT_RU), as_text(DOCUMENT_EN)], "Титул", outline)
    content = read_pdf(path.read_bytes(), Limits())
    assert _lines(content, 0) == as_text(DOCUMENT_RU).strip().split("\n")
    assert _lines(content, 1) == as_text(DOCUMENT_EN).strip().split("\n")
    assert [(span.level, content.text[span.start : span.end]) for span in content.headings] == [
        (1, "Проект производства работ"),
        (2, "1 Общие указания"),
    ]
    assert (content.title, content.warnings) == ("Титул", ())


def test_headers_are_left_out_and_words_joined() -> None:
    """And it is said which lines are not in the text."""
    pages = [f"СП 1.13330\n{word} фунда-\nмент готов\nто же {word}\n{n}" for n, word in enumerate(("а", "б", "в"), 1)]
    content = read_pdf(pdf_bytes(pages), Limits())
    assert _lines(content, 0) == ["а фундамент", "готов", "то же а"]
    assert "СП 1.13330" in content.notes[0]
    assert content.warnings == ()


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
def test_a_password_is_named_and_an_empty_one_is_none(tmp_path: Path, algorithm: _Algorithm) -> None:
    """Files that only forbid printing open without one, by old and new encryption; tables are found in them too."""
    _fails("encrypted", write_pdf(tmp_path / "a.pdf", ["тайна"], password="secret", algorithm=algorithm).read_bytes())
    data = write_pdf(tmp_path / "b.pdf", ["открыто"], password="", algorithm=algorithm).read_bytes()
    assert read_pdf(data, Limits()).text == "открыто"
    drawn = PdfWriter(clone_from=PdfReader(io.BytesIO(drawn_pdf([grid_of([["a", "b"], ["c", "d"]], 50, 780, 90, 20)]))))
    drawn.encrypt("", "owner", algorithm=algorithm)
    out = io.BytesIO()
    drawn.write(out)
    assert len(read_pdf(out.getvalue(), Limits()).tables) == 1


def test_pages_without_text_are_named_or_recognised() -> None:
    """Without text recognition a warning says which."""
    content = read_pdf(pdf_bytes(["text here", ""]), Limits())
    assert content.warnings == ("1 of 2 pages have no text: 2",)
    assert _lines(content, 1) == [""]
    assert read_pdf(pdf_bytes([""]), Limits(), lambda image, limits: "never").text == ""


def test_too_many_pages_or_characters_are_too_long() -> None:
    """Bounds of the document."""
    _fails("too_long", pdf_bytes(["a", "b"]), Limits(pages=1))
    _fails("too_long", pdf_bytes(["abcdef"]), Limits(text_chars=5))


def test_a_stream_that_unpacks_to_too_much_costs_its_page_alone() -> None:
    """200 MB of spaces in 200 kB: never in memory as a whole."""
    data = _with_contents(b" " * (200 << 20))
    tracemalloc.start()
    content = read_pdf(data, Limits())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert content.warnings == ("1 of 1 pages can't be read: 1",)
    assert peak < 80 << 20


def test_pages_that_share_a_huge_stream_are_counted_together() -> None:
    """Each of a thousand pages unpacks the same megabyte."""
    _fails("too_complex", _with_contents(b" " * (1 << 20), pages=1_000), Limits(unpacked_bytes=3 << 20))


def test_operations_are_bounded() -> None:
    """A page over its share is named; a document over the whole fails."""
    content = read_pdf(_with_contents(b"q Q " * 1_000, more=b"/Font << /A 9 0 R >>"), Limits(pdf_operations=10_000))
    assert content.warnings[0].endswith("can't be read: 1")
    _fails(
        "too_complex",
        _with_contents(b"q Q " * 1_000, pages=20, more=b"/Font << /A 9 0 R >>"),
        Limits(pdf_operations=10_000),
    )


@pytest.mark.timeout(30)
def test_forms_that_call_forms_are_bounded() -> None:
    """Ten levels of which each calls the next one ten times are ten thousand million calls."""
    forms = []
    for level in range(10):
        body = b"/F Do " * 10
        target = 6 + level if level < 9 else 5
        forms.append(
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F %d 0 R >> >> /Length %d >>"
            b"\nstream\n%s\nendstream" % (target, len(body), body)
        )
    data = _with_contents(b"/F Do " * 10, more=b"/XObject << /F 5 0 R >>", objects=tuple(forms))
    content = read_pdf(data, Limits(pdf_operations=1_000_000))
    assert content.warnings[0].endswith("can't be read: 1")


@pytest.mark.timeout(30)
def test_a_tree_of_pages_that_is_a_circle_ends() -> None:
    """As an error of the library, which the reader of all formats renames."""
    data = assemble_pdf([_CATALOGUE, b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>"])
    with pytest.raises(StageFailed) as caught:
        read_document("pdf", data, Limits())
    assert caught.value.reason == "corrupt"

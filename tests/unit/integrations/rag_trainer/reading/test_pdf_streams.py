"""What streams unpack to."""

from __future__ import annotations

import io
import zlib

import pytest
from pypdf import PdfReader

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.pdf import read_pdf
from integrations.rag_trainer.reading.pdf_streams import Streams
from integrations.rag_trainer.stage import StageFailed
from tests.rag_documents import assemble_pdf, pdf_bytes


def _with_font(unpacked: bytes) -> bytes:
    """A page with lines, whose font has a program of these bytes."""
    packed = zlib.compress(unpacked, 9)
    drawn = b"0 0 9 9 re S " * 9 + b"BT /F1 9 Tf (text) Tj ET"
    return assemble_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 2 /Kids [3 0 R 3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R"
            b" >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
            b"<< /Type /Font /Subtype /TrueType /BaseFont /Plain /FontDescriptor 6 0 R >>",
            b"<< /Type /FontDescriptor /FontName /Plain /FontFile2 7 0 R /Up 5 0 R >>",
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
        ]
    )


def test_what_pages_share_is_counted_once() -> None:
    """A font of 1,000 bytes on both pages; objects that name each other end."""
    pages = PdfReader(io.BytesIO(_with_font(b"\0" * 1_000))).pages
    streams = Streams(Limits(unpacked_bytes=1_999))
    for page in pages:
        streams.resources(page)


def test_contents_are_counted_for_each_page() -> None:
    """Because each page reads them."""
    page = PdfReader(io.BytesIO(pdf_bytes(["some text"]))).pages[0]
    streams = Streams(Limits(unpacked_bytes=100))
    streams.contents(page)
    with pytest.raises(StageFailed, match="unpacked_bytes") as caught:
        streams.contents(page)
    assert caught.value.reason == "too_complex"


def test_a_font_that_unpacks_to_too_much_costs_the_tables_alone() -> None:
    """PDFium never sees it; the text of the page is there."""
    content = read_pdf(_with_font(b"\0" * (2 << 20)), Limits(pdf_stream_bytes=1 << 20))
    assert content.text == "text\ntext"
    assert content.warnings == ("tables can't be looked for on 2 of 2 pages: 1, 2",)

"""Images of scanned pages."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from pypdf import PageObject, PdfReader

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.pdf import read_pdf
from integrations.rag_trainer.reading.pdf_images import UnreadImage, texts_of_images
from integrations.rag_trainer.stage import StageFailed
from tests.rag_documents import assemble_pdf


def _scan(sizes: Sequence[tuple[int, int]]) -> bytes:
    """A page with images of these sizes, of grey pixels that are missing at the end."""
    names = b" ".join(b"/I%d %d 0 R" % (number, number + 5) for number in range(len(sizes)))
    images = [
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8"
        b" /Length %d >>\nstream\n%s\nendstream" % (width, height, len(pixels), pixels)
        for width, height in sizes
        for pixels in [b"\xff" * min(width * height, 10_000)]
    ]
    return assemble_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << /XObject << %s >> >> /Contents 4 0 R >>"
            % names,
            b"<< /Length 0 >>\nstream\n\nendstream",
            *images,
        ]
    )


def _page(sizes: Sequence[tuple[int, int]]) -> PageObject:
    return PdfReader(io.BytesIO(_scan(sizes))).pages[0]


def test_images_that_hold_no_text_are_not_read() -> None:
    """Lines and logos; and of very many images the first 16."""
    seen: list[int] = []

    def recognise(image: bytes, limits: Limits) -> str:
        seen.append(len(image))
        return "text"

    assert list(texts_of_images(_page([(100, 100), (9, 500), (50, 50)]), Limits(), recognise)) == ["text", "text"]
    assert len(list(texts_of_images(_page([(40, 40)] * 99), Limits(), recognise))) == 16
    assert len(seen) == 18


def test_an_image_that_claims_to_be_huge_is_not_unpacked() -> None:
    """Ten thousand million pixels in a file of some bytes; the page is named, and the document goes on."""
    with pytest.raises(UnreadImage):
        list(texts_of_images(_page([(100_000, 100_000)]), Limits(), lambda *_: "never"))
    content = read_pdf(_scan([(100_000, 100_000)]), Limits(), lambda *_: "never")
    assert content.warnings == ("1 of 1 pages can't be read: 1",)


@pytest.mark.parametrize(("reason", "error"), [("ocr_slow", UnreadImage), ("ocr_missing", StageFailed)])
def test_what_fails_one_image_costs_the_page_and_what_fails_all_the_document(
    reason: str, error: type[Exception]
) -> None:
    """Text recognition that isn't installed is told once."""

    def recognise(image: bytes, limits: Limits) -> str:
        raise StageFailed(reason, "no")

    with pytest.raises(error):
        list(texts_of_images(_page([(100, 100)]), Limits(), recognise))

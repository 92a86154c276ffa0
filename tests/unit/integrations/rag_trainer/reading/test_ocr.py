"""Text recognition."""

from __future__ import annotations

import importlib
import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfWriter

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.ocr import recognise
from integrations.rag_trainer.reading.pdf import read_pdf
from integrations.rag_trainer.reading.reader import read_document
from integrations.rag_trainer.stage import StageFailed

_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
)


def _optional(name: str) -> Any:
    return pytest.importorskip(name, reason="text recognition is an extra")


def _picture(text: str, format: str = "PNG", size: tuple[int, int] = (1_400, 200), turned: int = 0) -> bytes:
    """White paper with black letters; `turned` in degrees."""
    pillow, draw, fonts = _optional("PIL.Image"), _optional("PIL.ImageDraw"), _optional("PIL.ImageFont")
    font = next((path for path in _FONTS if Path(path).exists()), None)
    if font is None:
        pytest.skip("no font with Russian letters is here")
    image = pillow.new("RGB", size, "white")
    draw.Draw(image).text((40, 60), text, fill="black", font=fonts.truetype(font, 48 if size[1] < 300 else 32))
    image = image.rotate(turned, expand=True)
    out = io.BytesIO()
    image.save(out, format)
    return out.getvalue()


def _needs_tesseract() -> None:
    _optional("pytesseract")
    if shutil.which("tesseract") is None:
        pytest.skip("Tesseract is an extra: apt-get install tesseract-ocr tesseract-ocr-rus")


def test_russian_and_english_letters_are_read() -> None:
    """By the real program."""
    _needs_tesseract()
    assert "monolithic foundation" in recognise(_picture("The monolithic foundation"), Limits())
    tesseract = importlib.import_module("pytesseract")
    if "rus" in tesseract.get_languages():
        assert "Монолитный фундамент" in recognise(_picture("Монолитный фундамент"), Limits())


def test_scanned_pages_of_a_pdf_are_read() -> None:
    """An image is all that is on the page."""
    _needs_tesseract()
    content = read_pdf(_picture("The scanned page", "PDF"), Limits(), recognise)
    assert content.text == "The scanned page"
    assert content.ocr
    assert content.notes == ("1 of 1 pages are read by text recognition: 1",)


_PAGE = (
    "1 Общие указания\nБетон класса В25 укладывают слоями 300 мм.\nСварку ведут по ГОСТ 5264-80.\n"
    "2 Concrete works\nPlace concrete in layers of 300 mm, and compact each of them."
)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_page_is_read_however_it_was_scanned(turned: int) -> None:
    """On its side or upside down, Russian and English on one page."""
    _needs_tesseract()
    languages = importlib.import_module("pytesseract").get_languages()
    if not {"rus", "eng", "osd"} <= set(languages):
        pytest.skip("apt-get install tesseract-ocr-rus tesseract-ocr-eng tesseract-ocr-osd")
    text = recognise(_picture(_PAGE, size=(1_600, 900), turned=turned), Limits())
    assert "укладывают слоями" in text
    assert "5264-80" in text
    assert "compact each of them" in text


def test_a_scan_goes_through_the_stages_of_reading(tmp_path: Path) -> None:
    """An image file, and a PDF of two scanned pages of which one is damaged: the other is read, and it is named."""
    _needs_tesseract()
    image, paper = tmp_path / "scan.png", tmp_path / "scan.pdf"
    image.write_bytes(_picture("The scanned page"))
    assert read_document("image", image.read_bytes(), Limits(), recognise).text == "The scanned page"
    writer = PdfWriter()
    for _ in range(2):
        writer.append(io.BytesIO(_picture("The scanned page", "PDF")))
    broken = writer.pages[1]["/Resources"]["/XObject"]  # type: ignore[index]
    next(iter(broken.values())).get_object()._data = b"no image"
    writer.write(paper)
    content = read_document("pdf", paper.read_bytes(), Limits(), recognise)
    assert content.text == "The scanned page"
    assert content.warnings == ("1 of 2 pages can't be read: 2",)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The packages, or the program, and how to get them."""

    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(StageFailed, match=r"tocsin\[ocr\]") as caught:
        recognise(b"", Limits())
    assert caught.value.reason == "ocr_missing"


def test_an_absent_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The packages are there, Tesseract isn't."""
    tesseract = _optional("pytesseract")
    _optional("PIL.Image")
    monkeypatch.setattr(tesseract.pytesseract, "tesseract_cmd", "/nowhere/tesseract")
    tesseract.get_languages.cache_clear() if hasattr(tesseract.get_languages, "cache_clear") else None
    with pytest.raises(StageFailed, match="apt-get install tesseract") as caught:
        recognise(_picture("x"), Limits())
    assert caught.value.reason == "ocr_missing"


def test_huge_and_broken_images_are_named() -> None:
    """Pixels are counted by the head of the file."""
    _needs_tesseract()
    for image, reason in ((_picture("x"), "too_large"), (b"\x89PNG\r\n\x1a\n broken", "corrupt")):
        with pytest.raises(StageFailed) as caught:
            recognise(image, Limits(image_pixels=1_000))
        assert caught.value.reason == reason

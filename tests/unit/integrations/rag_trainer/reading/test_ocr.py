"""Text recognition."""

from __future__ import annotations

import importlib
import io
import shutil
from pathlib import Path
from typing import Any

import pytest

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.ocr import recognise
from integrations.rag_trainer.reading.pdf import read_pdf
from integrations.rag_trainer.stage import StageFailed

_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
)


def _optional(name: str) -> Any:
    return pytest.importorskip(name, reason="text recognition is an extra")


def _picture(text: str, format: str = "PNG") -> bytes:
    """White paper with black letters."""
    pillow, draw, fonts = _optional("PIL.Image"), _optional("PIL.ImageDraw"), _optional("PIL.ImageFont")
    font = next((path for path in _FONTS if Path(path).exists()), None)
    if font is None:
        pytest.skip("no font with Russian letters is here")
    image = pillow.new("RGB", (1_400, 200), "white")
    draw.Draw(image).text((40, 60), text, fill="black", font=fonts.truetype(font, 48))
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
    assert "text recognition" in content.warnings[0]


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

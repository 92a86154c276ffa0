"""Text recognition by Tesseract: an extra, which says what is missing when it isn't there."""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.stage import StageFailed

Recognise: TypeAlias = Callable[[bytes, Limits], str]
"""Reads the text in an image file."""

_WANTED: Final = ("rus", "eng")
_ORIENTATION: Final = "osd"
_SURE: Final = 2.0
"""Tesseract's confidence in an orientation, from which it is believed; a page of text has 5 and more."""


def recognise(image: bytes, limits: Limits) -> str:
    """Read the text in an image file, Russian and English; a page that was scanned on its side or upside down is turned
    first, where Tesseract's data for that (`osd`) is there.

    Raises:
        StageFailed: `ocr_missing`: the Python packages, Tesseract or its languages; `too_large`: pixels; `ocr_slow`;
            `corrupt`: no image.
    """
    pillow, tesseract = _library("PIL.Image"), _library("pytesseract")
    there = _installed(tesseract)
    languages = "+".join(language for language in _WANTED if language in there)
    try:
        opened = pillow.open(io.BytesIO(image))
        width, height = opened.size
        if width * height > limits.image_pixels:
            raise StageFailed(
                "too_large", f"Expected at most {limits.image_pixels} pixels; the image has {width}x{height}. Scale it."
            )
        image = _library("PIL.ImageOps").exif_transpose(opened).convert("L")
        if _ORIENTATION in there:
            image = _upright(tesseract, image, limits.ocr_seconds)
        return _text(tesseract, image, languages, limits.ocr_seconds)
    except StageFailed:
        raise
    except Exception as error:  # the library raises many kinds for what is no image
        raise StageFailed(
            "corrupt", f"Expected an image; it can't be opened ({type(error).__name__}). Save or copy it again."
        ) from None


def _upright(tesseract: Any, image: Any, seconds: float) -> Any:
    """Turn an image so that its text stands upright; with too little text to tell, it stays."""
    try:
        found = tesseract.image_to_osd(image, output_type="dict", timeout=seconds)
    except Exception:  # too few characters, or a fault of it: the image is read as it is
        return image
    turned = int(found.get("rotate", 0))
    sure = float(found.get("orientation_conf", 0.0)) >= _SURE
    return image.rotate(-turned, expand=True, fillcolor=255) if turned and sure else image


def _text(tesseract: Any, image: Any, languages: str, seconds: float) -> str:
    try:
        return str(tesseract.image_to_string(image, lang=languages, timeout=seconds))
    except RuntimeError:
        raise StageFailed(
            "ocr_slow", f"Expected text recognition of an image to end in {seconds} s; raise ocr_seconds or scale it."
        ) from None


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise _missing("the Python packages pillow and pytesseract (pip install 'tocsin[ocr]')") from None


def _installed(tesseract: Any) -> list[str]:
    try:
        there = tesseract.get_languages()
    except Exception:  # the error depends on how the program is absent or broken
        raise _missing("Tesseract (apt-get install tesseract-ocr tesseract-ocr-rus)") from None
    if any(language in there for language in _WANTED):
        return list(there)
    raise _missing("a language for Tesseract (apt-get install tesseract-ocr-rus)")


def _missing(what: str) -> StageFailed:
    return StageFailed("ocr_missing", f"Expected text recognition to be installed; install {what}.")

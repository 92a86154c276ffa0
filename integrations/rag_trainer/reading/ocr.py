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


def recognise(image: bytes, limits: Limits) -> str:
    """Read the text in an image file, Russian and English.

    Raises:
        StageFailed: `ocr_missing`: the Python packages, Tesseract or its languages; `too_large`: pixels; `ocr_slow`;
            `corrupt`: no image.
    """
    pillow, tesseract = _library("PIL.Image"), _library("pytesseract")
    languages = "+".join(_installed(tesseract))
    try:
        opened = pillow.open(io.BytesIO(image))
        width, height = opened.size
        if width * height > limits.image_pixels:
            raise StageFailed(
                "too_large", f"Expected at most {limits.image_pixels} pixels; the image has {width}x{height}. Scale it."
            )
        return _text(tesseract, opened.convert("L"), languages, limits.ocr_seconds)
    except StageFailed:
        raise
    except Exception as error:  # the library raises many kinds for what is no image
        raise StageFailed(
            "corrupt", f"Expected an image; it can't be opened ({type(error).__name__}). Save or copy it again."
        ) from None


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
    if found := [language for language in _WANTED if language in there]:
        return found
    raise _missing("a language for Tesseract (apt-get install tesseract-ocr-rus)")


def _missing(what: str) -> StageFailed:
    return StageFailed("ocr_missing", f"Expected text recognition to be installed; install {what}.")

"""Text in the images of a scanned page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pypdf import PageObject

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.ocr import Recognise
from integrations.rag_trainer.stage import StageFailed

_MOST: Final = 16
"""Images of a page: a scan is one, or some strips."""
_SMALLEST: Final = 32
"""Pixels of a side, below which an image holds no line of text."""
_OF_ONE_IMAGE: Final = frozenset(("corrupt", "too_large", "ocr_slow"))


class UnreadImage(Exception):
    """An image of a page can't be read, and so not the page."""


def texts_of_images(page: PageObject, limits: Limits, recognise: Recognise) -> Iterator[str]:
    """Yield the text of the first 16 images of a page that are large enough to hold any.

    Raises:
        UnreadImage: one is damaged, too large, or takes too long.
        StageFailed: `ocr_missing`.
    """
    for name in page.images.keys()[:_MOST]:
        try:
            if not _may_hold_text(page, name, limits):
                continue
            text = recognise(page.images[name].data, limits)
        except StageFailed as failure:
            if failure.reason in _OF_ONE_IMAGE:
                raise UnreadImage from None
            raise
        except MemoryError:
            raise
        except Exception as error:  # whatever a damaged image makes the library raise
            raise UnreadImage from error
        if text.strip():
            yield text


def _may_hold_text(page: PageObject, name: str | list[str], limits: Limits) -> bool:
    """Look at the size that an image claims, before it is unpacked; of one in a form, the library looks."""
    if isinstance(name, list) or name.startswith("~"):
        return True
    image = page["/Resources"]["/XObject"][name]  # type: ignore[index]  # the library has found it there
    width, height = int(image.get("/Width", 0)), int(image.get("/Height", 0))
    if width * height > limits.image_pixels:
        raise UnreadImage
    return min(width, height) >= _SMALLEST

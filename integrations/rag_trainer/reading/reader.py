"""One door to all readers: any fault of a document or of a library comes out as a named failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.content import Content, Writer
from integrations.rag_trainer.reading.docx import read_docx
from integrations.rag_trainer.reading.html import read_html
from integrations.rag_trainer.reading.markdown import read_markdown
from integrations.rag_trainer.reading.ocr import Recognise
from integrations.rag_trainer.reading.pdf import read_pdf
from integrations.rag_trainer.reading.txt import read_txt
from integrations.rag_trainer.reading.xlsx import read_xlsx
from integrations.rag_trainer.results import Format
from integrations.rag_trainer.stage import StageFailed

_READERS: Final[dict[Format, Callable[[bytes, Limits], Content]]] = {
    "docx": read_docx,
    "html": read_html,
    "md": read_markdown,
    "txt": read_txt,
    "xlsx": read_xlsx,
}


def read_document(format: Format, data: bytes, limits: Limits, recognise: Recognise | None = None) -> Content:
    """Read a document of a known format.

    Args:
        recognise: reads images; `None`: text recognition is off.

    Raises:
        StageFailed: why it can't be read; nothing else comes out, whatever a library raises.
    """
    try:
        if format == "pdf":
            return read_pdf(data, limits, recognise)
        if format == "image":
            return _read_image(data, limits, recognise)
        return _READERS[format](data, limits)
    except StageFailed:
        raise
    except MemoryError:
        raise StageFailed("too_large", f"Expected a {format} that fits into memory. Split it.") from None
    except Exception as error:  # parsers raise what they like for damaged files
        raise StageFailed(
            "corrupt",
            f"Expected a {format}; it can't be read ({type(error).__name__}). Save it again, or get another copy.",
        ) from None


def _read_image(data: bytes, limits: Limits, recognise: Recognise | None) -> Content:
    if recognise is None:
        raise StageFailed("ocr_off", "Expected a document with text; this is an image. Switch the option ocr on.")
    writer = Writer(limits.text_chars)
    writer.page(1)
    writer.paragraph(recognise(data, limits))
    return writer.content(ocr=True)

"""Stage 3: the text, with the places of pages, headings and tables."""

from __future__ import annotations

import hashlib
from typing import Final

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.content import Content
from integrations.rag_trainer.reading.files import read
from integrations.rag_trainer.reading.language import language
from integrations.rag_trainer.reading.ocr import Recognise, recognise
from integrations.rag_trainer.reading.reader import read_document
from integrations.rag_trainer.results import Duplicate, Text, Validation
from integrations.rag_trainer.stage import StageFailed


class TextExtraction:
    """Reads the text out of a document.

    Args:
        ocr: read images and scanned pages; needs the extra `ocr` and Tesseract.
        recognise: what reads them.
    """

    name: Final = "text extraction"
    result: Final = Text

    def __init__(self, limits: Limits, ocr: bool = False, recognise: Recognise = recognise) -> None:
        self._limits = limits
        self._recognise = recognise if ocr else None

    def run(self, draft: Draft) -> Text:
        """Read the file as the format that its bytes have.

        Raises:
            StageFailed: `no_text`, `changed` since its hash was taken, `corrupt`, `encrypted`, `mixed_encodings`,
                `zip_bomb`, `too_complex`, `too_long`, `ocr_off`, `ocr_missing` and others.
        """
        data = read(draft.source.path, self._limits)
        _check_unchanged(data, draft)
        content = read_document(draft[Validation].format, data, self._limits, self._recognise)
        if sum(map(len, content.text.split())) < self._limits.min_text_chars:
            raise StageFailed("no_text", self._without_text(draft))
        return _result(content)

    def _without_text(self, draft: Draft) -> str:
        hint = " If its pages are images, switch the option ocr on." if draft[Validation].format == "pdf" else ""
        return f"Expected at least {self._limits.min_text_chars} characters of text; there are fewer.{hint}"


def _check_unchanged(data: bytes, draft: Draft) -> None:
    """What is indexed under a hash must be what has it."""
    known = draft.results.get(Duplicate)
    if isinstance(known, Duplicate) and hashlib.sha256(data).hexdigest() != known.file_hash:
        raise StageFailed("changed", "Expected the file to stay as it was; it changed meanwhile. Train it again.")


def _result(content: Content) -> Text:
    counts = (
        (len(content.pages), "pages"),
        (len(content.tables), "tables"),
        (len(content.headings), "headings"),
        (len(content.warnings), "warnings"),
    )
    spoken = language(content.text)
    found = "".join(f", {count} {what}" for count, what in counts if count)
    by = ", by text recognition" if content.ocr else ""
    return Text(
        text=content.text,
        language=spoken,
        encoding=content.encoding,
        title=content.title,
        pages=content.pages,
        tables=content.tables,
        headings=content.headings,
        ocr=content.ocr,
        warnings=content.warnings,
        notes=content.notes,
        log=f"{len(content.text)} characters, {spoken}{found}{by}",
    )

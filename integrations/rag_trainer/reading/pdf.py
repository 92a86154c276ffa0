"""PDF: the text of its pages, headings by its bookmarks, and images of pages by text recognition."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any, Final

from pypdf import PageObject, PdfReader, apply_configuration
from pypdf.errors import DependencyError, FileNotDecryptedError

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.cleaning import one_line
from integrations.rag_trainer.reading.content import Content, Writer
from integrations.rag_trainer.reading.ocr import Recognise
from integrations.rag_trainer.reading.pdf_pages import joined, without_running_lines
from integrations.rag_trainer.stage import StageFailed

_FORM: Final = 200
"""What calling a form costs in operations: it is decoded and parsed each time."""
_PAGE_SHARE: Final = 10
_NAMED: Final = 10

logging.getLogger("pypdf").addHandler(logging.NullHandler())


class _PageTooComplex(Exception):
    """A page goes over its share of the operations."""


def read_pdf(data: bytes, limits: Limits, recognise: Recognise | None = None) -> Content:
    """Read the text of all pages. Lines that are repeated at the top or bottom of pages are left out, words that are
    parted at the end of a line are joined, and bookmarks whose title stands on their page as a line are headings.

    A page that can't be read doesn't fail the document: a warning names it. Tables are not found.

    Args:
        recognise: reads images of pages without text; `None`: they stay without.

    Raises:
        StageFailed: `encrypted`; `too_long`: more pages or characters than are taken; `too_complex`: more streams or
            operations than are taken; `ocr_missing`.
    """
    most = min(limits.pdf_stream_bytes, limits.unpacked_bytes)
    with apply_configuration(
        zlib_maximum_output_length=most,
        lzw_maximum_output_length=most,
        run_length_maximum_output_length=most,
        array_based_stream_maximum_output_length=most,
        stream_decoding_work_maximum_length=4 * most,
    ):
        return _Reader(_opened(data), limits, recognise).content()


def _opened(data: bytes) -> PdfReader:
    reader = PdfReader(io.BytesIO(data), strict=False)
    try:
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileNotDecryptedError
        len(reader.pages)
    except (FileNotDecryptedError, DependencyError):
        raise StageFailed(
            "encrypted", "Expected a PDF that opens without a password; this one is encrypted. Save it without."
        ) from None
    return reader


class _Reader:
    def __init__(self, reader: PdfReader, limits: Limits, recognise: Recognise | None) -> None:
        self._reader = reader
        self._limits = limits
        self._recognise = recognise
        self._operations = 0
        self._unpacked = 0
        self._unread: list[int] = []
        self._without_text: list[int] = []
        self._recognised: list[int] = []

    def content(self) -> Content:
        """Read all of it."""
        if (count := len(self._reader.pages)) > self._limits.pages:
            raise StageFailed("too_long", f"Expected at most {self._limits.pages} pages; there are {count}. Split it.")
        texts = []
        length = 0
        for number, page in enumerate(self._reader.pages, start=1):
            texts.append(self._page(page, number))
            length += len(texts[-1])
            if length > 2 * self._limits.text_chars:
                raise StageFailed("too_long", f"Expected at most {self._limits.text_chars} characters. Split it.")
        pages, left_out = without_running_lines([text.split("\n") for text in texts])
        writer = Writer(self._limits.text_chars)
        bookmarks = self._bookmarks()
        for number, lines in enumerate(joined(pages), start=1):
            writer.page(number)
            _write(writer, lines, bookmarks.get(number, {}))
        return writer.content(title=self._title(), ocr=bool(self._recognised), warnings=self._warnings(count, left_out))

    def _page(self, page: PageObject, number: int) -> str:
        budget = self._operations + self._limits.pdf_operations // _PAGE_SHARE
        try:
            self._unpack(page)
            text: str = page.extract_text(visitor_operand_before=lambda *call: self._count(call[0], budget))
        except (StageFailed, MemoryError):
            raise
        except Exception:  # whatever a damaged page makes the library raise, the other pages are worth reading
            self._unread.append(number)
            self._operations = budget
            text = ""
        if self._operations > self._limits.pdf_operations:
            raise _too_complex(f"{self._limits.pdf_operations} drawing operations", "pdf_operations")
        if not text.strip() and number not in self._unread:
            text = self._image_text(page, number)
        return text

    def _unpack(self, page: PageObject) -> None:
        """Count what the page's own streams unpack to, which a thousand pages may share."""
        contents = page.get_contents()
        self._unpacked += len(contents.get_data()) if contents is not None else 0
        if self._unpacked > self._limits.unpacked_bytes:
            raise _too_complex(f"{self._limits.unpacked_bytes} bytes of page streams", "unpacked_bytes")

    def _count(self, operator: bytes, budget: int) -> None:
        self._operations += _FORM if operator == b"Do" else 1
        if self._operations > budget:
            raise _PageTooComplex

    def _image_text(self, page: PageObject, number: int) -> str:
        if self._recognise is None:
            self._without_text.append(number)
            return ""
        found = [text for image in page.images if (text := self._recognise(image.data, self._limits))]
        (self._recognised if found else self._without_text).append(number)
        return "\n".join(found)

    def _title(self) -> str | None:
        try:
            return self._reader.metadata.title if self._reader.metadata else None
        except Exception:  # a damaged title is no title
            return None

    def _bookmarks(self) -> dict[int, dict[str, int]]:
        """Levels by page and title."""
        found: dict[int, dict[str, int]] = {}
        try:
            for item, level in _flat(self._reader.outline):
                page = self._reader.get_destination_page_number(item)
                if page is not None and page >= 0:
                    found.setdefault(page + 1, {}).setdefault(_key(str(item.title)), level)
        except Exception:  # bookmarks are an addition: without them the text is as good as in most files
            return {}
        return found

    def _warnings(self, count: int, left_out: dict[str, int]) -> Iterator[str]:
        if self._unread:
            yield f"{len(self._unread)} of {count} pages can't be read: {_numbers(self._unread)}"
        if self._without_text:
            yield f"{len(self._without_text)} of {count} pages have no text: {_numbers(self._without_text)}"
        if self._recognised:
            yield f"{len(self._recognised)} of {count} pages are read by text recognition: {_numbers(self._recognised)}"
        if left_out:
            lines = ", ".join(f"“{line}” on {pages} pages" for line, pages in list(left_out.items())[:_NAMED])
            yield f"repeated at the top or bottom and left out: {lines}"


def _flat(items: Any, level: int = 1) -> Iterator[tuple[Any, int]]:
    for item in items:
        if isinstance(item, list):
            yield from _flat(item, level + 1)
        else:
            yield item, level


def _write(writer: Writer, lines: list[str], bookmarks: dict[str, int]) -> None:
    plain: list[str] = []
    for line in lines:
        level = bookmarks.pop(_key(line), None) if bookmarks else None
        if level is None:
            plain.append(line)
        else:
            writer.paragraph("\n".join(plain))
            plain.clear()
            writer.heading(line, level)
    writer.paragraph("\n".join(plain))


def _key(line: str) -> str:
    return one_line(line).casefold()


def _numbers(pages: list[int]) -> str:
    named = ", ".join(map(str, pages[:_NAMED]))
    return f"{named}, ..." if len(pages) > _NAMED else named


def _too_complex(what: str, option: str) -> StageFailed:
    return StageFailed("too_complex", f"Expected at most {what}; there are more. Split the PDF, or raise {option}.")

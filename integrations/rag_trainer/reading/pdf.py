"""PDF: the text of its pages, tables by their lines, headings by its bookmarks, images of pages by text recognition."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pypdf import PageObject, PdfReader, apply_configuration
from pypdf.errors import DependencyError, FileNotDecryptedError

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.cleaning import one_line
from integrations.rag_trainer.reading.content import Content, Writer
from integrations.rag_trainer.reading.ocr import Recognise
from integrations.rag_trainer.reading.pdf_images import UnreadImage, texts_of_images
from integrations.rag_trainer.reading.pdf_pages import TABLE, joined, rejoined, without_running_lines
from integrations.rag_trainer.reading.pdf_streams import Streams, too_complex
from integrations.rag_trainer.reading.pdf_tables import RuledPages, TooManyLines
from integrations.rag_trainer.reading.ruled import Ruled
from integrations.rag_trainer.stage import StageFailed

_FORM: Final = 200
"""What calling a form costs in operations: it is decoded and parsed each time."""
_PAGE_SHARE: Final = 10
_DRAWN: Final = 4
"""Lines and rectangles that a page has at least if there is a table on it."""
_AS_MUCH: Final = 0.9
"""Share of the text that the second library has to find; it leaves out signs that a font which isn't there has not."""
_NAMED: Final = 10

logging.getLogger("pypdf").addHandler(logging.NullHandler())


class _PageTooComplex(Exception):
    """A page goes over its share of the operations."""


def read_pdf(data: bytes, limits: Limits, recognise: Recognise | None = None) -> Content:
    """Read the text of all pages. Lines that are repeated at the top or bottom of pages are left out, words that are
    parted at the end of a line are joined, and bookmarks whose title stands on their page as a line are headings.

    A page that can't be read doesn't fail the document: a warning names it. Tables are found where lines are drawn
    around their cells or between them; one that goes on over pages is one.

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
        return _Reader(_opened(data), limits, recognise).content(data)


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
        self._drawn = 0
        self._streams = Streams(limits)
        self._ruled: list[int] = []
        self._refused = False
        self._tables: dict[str, Ruled] = {}
        self._without_tables: list[int] = []
        self._unread: list[int] = []
        self._without_text: list[int] = []
        self._recognised: list[int] = []

    def content(self, data: bytes) -> Content:
        """Read all of it; `data` is the same document for the library that finds tables."""
        if (count := len(self._reader.pages)) > self._limits.pages:
            raise StageFailed("too_long", f"Expected at most {self._limits.pages} pages; there are {count}. Split it.")
        texts = []
        length = 0
        for number, page in enumerate(self._reader.pages, start=1):
            texts.append(self._page(page, number).replace(TABLE, "").split("\n"))
            length += sum(map(len, texts[-1]))
            if length > 2 * self._limits.text_chars:
                raise StageFailed("too_long", f"Expected at most {self._limits.text_chars} characters. Split it.")
        self._find_tables(texts, data)
        pages, left_out = without_running_lines(texts)
        writer = self._written(rejoined(joined(pages), self._tables))
        return writer.content(
            title=self._title(),
            ocr=bool(self._recognised),
            warnings=self._warnings(count),
            notes=self._notes(count, left_out),
        )

    def _written(self, pages: list[list[str]]) -> Writer:
        writer = Writer(self._limits.text_chars)
        bookmarks = self._bookmarks()
        within = {page for table in self._tables.values() for page in table.pages.values()}
        for number, lines in enumerate(pages, start=1):
            if number not in within:
                writer.page(number)
            _write(writer, lines, bookmarks.get(number, {}), self._tables)
        return writer

    def _find_tables(self, texts: list[list[str]], data: bytes) -> None:
        """Read pages on which lines are drawn once more, and put a line in the place of each table."""
        if self._refused or not self._ruled:
            self._without_tables = self._ruled
            return
        try:
            with RuledPages(data, self._limits) as found:
                for number in self._ruled:
                    texts[number - 1] = self._tables_of(found, number, _length(texts[number - 1])) or texts[number - 1]
        except RuntimeError:  # the document can't be opened by the second library: its text is there
            self._without_tables = self._ruled

    def _tables_of(self, found: RuledPages, number: int, length: int) -> list[str] | None:
        try:
            items = found.page(number - 1)
        except (TooManyLines, RuntimeError):
            items, length = [], 1
        if items is not None and sum(map(_item_length, items)) < _AS_MUCH * length:
            self._without_tables.append(number)
            return None
        lines = []
        for item in items or ():
            if isinstance(item, str):
                lines.append(item.replace(TABLE, ""))
            else:
                lines.append(f"{TABLE}{len(self._tables)}")
                self._tables[lines[-1]] = item
        return lines

    def _page(self, page: PageObject, number: int) -> str:
        budget = self._operations + self._limits.pdf_operations // _PAGE_SHARE
        try:
            self._drawn = 0
            self._streams.contents(page)
            text: str = page.extract_text(visitor_operand_before=lambda *call: self._count(call[0], budget))
        except (StageFailed, MemoryError):
            raise
        except Exception:  # whatever a damaged page makes the library raise, the other pages are worth reading
            self._unread.append(number)
            self._operations = budget
            text = ""
        if self._operations > self._limits.pdf_operations:
            raise too_complex(f"{self._limits.pdf_operations} drawing operations", "pdf_operations")
        if not text.strip() and number not in self._unread:
            text = self._image_text(page, number)
        elif self._drawn >= _DRAWN and number not in self._unread:
            self._note_ruled(page, number)
        return text

    def _note_ruled(self, page: PageObject, number: int) -> None:
        try:
            self._streams.resources(page)
        except (StageFailed, MemoryError):
            raise
        except Exception:  # a document with a font or a form that pypdf refuses is not given to another library
            self._refused = True
        self._ruled.append(number)

    def _count(self, operator: bytes, budget: int) -> None:
        self._operations += _FORM if operator == b"Do" else 1
        self._drawn += operator in (b"re", b"l")
        if self._operations > budget:
            raise _PageTooComplex

    def _image_text(self, page: PageObject, number: int) -> str:
        if self._recognise is None:
            self._without_text.append(number)
            return ""
        try:
            found = list(texts_of_images(page, self._limits, self._recognise))
        except UnreadImage:
            self._unread.append(number)
            return ""
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

    def _warnings(self, count: int) -> Iterator[str]:
        if self._unread:
            yield f"{len(self._unread)} of {count} pages can't be read: {_numbers(self._unread)}"
        if self._without_text:
            yield f"{len(self._without_text)} of {count} pages have no text: {_numbers(self._without_text)}"
        if self._without_tables:
            pages = f"{len(self._without_tables)} of {count} pages"
            yield f"tables can't be looked for on {pages}: {_numbers(self._without_tables)}"

    def _notes(self, count: int, left_out: dict[str, int]) -> Iterator[str]:
        if self._recognised:
            yield f"{len(self._recognised)} of {count} pages are read by text recognition: {_numbers(self._recognised)}"
        if left_out:
            lines = ", ".join(f"“{line}” on {pages} pages" for line, pages in list(left_out.items())[:_NAMED])
            yield f"repeated at the top or bottom and left out: {lines}"


def _length(lines: Iterable[str]) -> int:
    """Characters that are seen."""
    return sum(len(word) for line in lines for word in line.split())


def _item_length(item: str | Ruled) -> int:
    return _length([item]) if isinstance(item, str) else sum(map(_length, item.rows))


def _flat(items: Any, level: int = 1) -> Iterator[tuple[Any, int]]:
    for item in items:
        if isinstance(item, list):
            yield from _flat(item, level + 1)
        else:
            yield item, level


def _write(writer: Writer, lines: list[str], bookmarks: dict[str, int], tables: dict[str, Ruled]) -> None:
    plain: list[str] = []
    for line in lines:
        table = tables.get(line)
        level = bookmarks.pop(_key(line), None) if bookmarks else None
        if table is None and level is None:
            plain.append(line)
            continue
        writer.paragraph("\n".join(plain))
        plain.clear()
        if table is not None:
            writer.table(_without_empty_columns(table.rows), table.pages)
        elif level is not None:
            writer.heading(line, level)
    writer.paragraph("\n".join(plain))


def _without_empty_columns(rows: list[list[str]]) -> list[list[str]]:
    """Two lines beside each other, as frames have them, are no column."""
    filled = [place for place, column in enumerate(zip(*rows, strict=True)) if any(map(str.strip, column))]
    return [[row[place] for place in filled] for row in rows]


def _key(line: str) -> str:
    return one_line(line).casefold()


def _numbers(pages: list[int]) -> str:
    named = ", ".join(map(str, pages[:_NAMED]))
    return f"{named}, ..." if len(pages) > _NAMED else named

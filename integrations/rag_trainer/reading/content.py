"""What a reader makes, and the writer that keeps every span exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from integrations.rag_trainer.reading.cleaning import clean, one_line
from integrations.rag_trainer.results import HeadingText, Page, TableText
from integrations.rag_trainer.stage import StageFailed


@dataclass(frozen=True, slots=True)
class Content:
    """A document's text and what its format knows about it; see `results.Text`."""

    text: str
    title: str | None = None
    encoding: str | None = None
    pages: tuple[Page, ...] = ()
    tables: tuple[TableText, ...] = ()
    headings: tuple[HeadingText, ...] = ()
    ocr: bool = False
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Writer:
    """Puts a document together block by block; each is cleaned first, so no later step moves a span.

    Args:
        most: characters that the text may have.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: list[str] = []
        self._length = 0
        self._pages: list[tuple[int, str | None, int]] = []
        self._tables: list[TableText] = []
        self._headings: list[HeadingText] = []

    def paragraph(self, text: str) -> None:
        """Add text, which may have lines. Without a visible character it is left out.

        Raises:
            StageFailed: `too_long`: the document has more text than is taken.
        """
        if cleaned := clean(text):
            self._add(cleaned)

    def gap(self) -> None:
        """Add an empty line, unless there is one or nothing came before."""
        if self._parts and self._parts[-2] != "\n":
            self._parts.append("\n")
            self._length += 1

    def heading(self, text: str, level: int) -> None:
        """Add a heading of a level from 1 (higher than 9 counts as 9), as one line."""
        if line := one_line(text):
            start, end = self._add(line)
            self._headings.append(HeadingText(start=start, end=end, level=max(1, min(level, 9))))

    def table(self, rows: Iterable[Sequence[str]], pages: Mapping[int, int] | None = None) -> None:
        """Add a table. Rows, and then columns at the right, in which nothing stands are left out.

        Args:
            pages: numbers of the pages that begin within it, by the index of the row that each begins with.
        """
        cells = [(number, [one_line(cell) for cell in row]) for number, row in enumerate(rows)]
        cells = [(number, row) for number, row in cells if any(row)]
        if not cells:
            return
        width = max(place for _, row in cells for place, cell in enumerate(row, start=1) if cell)
        kept = tuple(tuple([*row, *[""] * width][:width]) for _, row in cells)
        lines = [" | ".join(row) for row in kept]
        start, end = self._add("\n".join(lines))
        self._tables.append(TableText(start=start, end=end, rows=kept))
        for row, page in (pages or {}).items():
            before = sum(number < row for number, _ in cells)
            self._pages.append((page, None, start + sum(len(line) + 1 for line in lines[:before])))

    def page(self, number: int, title: str | None = None) -> None:
        """Begin a page; it ends where the next one begins."""
        self._pages.append((number, title, self._length))

    def content(
        self,
        title: str | None = None,
        encoding: str | None = None,
        ocr: bool = False,
        warnings: Iterable[str] = (),
        notes: Iterable[str] = (),
    ) -> Content:
        """Return the whole."""
        text = "".join(self._parts).rstrip("\n")
        return Content(
            text=text,
            title=(one_line(title) or None) if title else None,
            encoding=encoding,
            pages=tuple(self._closed_pages(text)),
            tables=tuple(self._tables),
            headings=tuple(self._headings),
            ocr=ocr,
            warnings=tuple(warnings),
            notes=tuple(notes),
        )

    def _closed_pages(self, text: str) -> Iterable[Page]:
        ends = [*(start for _, _, start in self._pages[1:]), self._length]
        for (number, title, start), end in zip(self._pages, ends, strict=False):
            first = min(start, len(text))
            last = first + len(text[first:end].rstrip("\n"))
            yield Page(number=number, title=title, start=first, end=last)

    def _add(self, text: str) -> tuple[int, int]:
        start, end = self._length, self._length + len(text)
        if end > self._most:
            raise StageFailed(
                "too_long", f"Expected at most {self._most} characters of text; there are more. Split the document."
            )
        self._parts += (text, "\n")
        self._length = end + 1
        return start, end

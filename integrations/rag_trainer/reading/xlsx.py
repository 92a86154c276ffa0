"""Workbooks: a page for each sheet, its blocks of cells as tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import openpyxl

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.archives import Archive
from integrations.rag_trainer.reading.content import Content, Writer
from integrations.rag_trainer.stage import StageFailed

_ROWS_OF_A_PAGE: Final = 100
_NAMED: Final = 10
_NO_VALUE: Final = re.compile(rb"(?:</f>|<f[^<>]{0,300}/>)\s{0,20}(?:<v ?/>|<v></v>)?\s{0,20}</c>")
_WIDEST: Final = 16_384
_LOADED_WHOLE: Final = ("xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/theme/theme1.xml")


def read_xlsx(data: bytes, limits: Limits) -> Content:
    """Read the values of all sheets as they were when it was saved: nothing is computed. Sheets that are hidden, and so
    not what people know of the workbook, are left out, and a note names them. A formula without a saved value, as
    programs other than a spreadsheet write it, is an empty cell, and a warning says how many there are.

    Rows without a value part a sheet into blocks. A block of several columns is a table; rows of a single cell at its
    begin, such as a caption, and blocks of one column are lines.

    Raises:
        StageFailed: see `Archive`; `too_long`: more rows or cells than are taken.
    """
    archive = Archive(data, limits, _is_read)
    for name in _LOADED_WHOLE:
        if name in archive:
            archive.xml(name)
    book = openpyxl.load_workbook(archive.copy(), read_only=True, data_only=True, keep_links=False)
    reader = _Sheets(Writer(limits.text_chars), limits)
    try:
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
        for number, sheet in enumerate(shown, start=1):
            sheet.reset_dimensions()
            reader.sheet(sheet.iter_rows(values_only=True), number, sheet.title)
        title = book.properties.title
    finally:
        book.close()
    return reader.writer.content(title=title, warnings=_unsaved(archive), notes=_hidden(hidden))


def _unsaved(archive: Archive) -> Iterator[str]:
    sheets = (name for name in archive.names() if name.startswith("xl/worksheets/"))
    if count := sum(1 for name in sheets for _ in _NO_VALUE.finditer(archive.read(name))):
        yield f"{count} formulas have no saved value; open the workbook in a spreadsheet, and save it"


def _hidden(titles: list[str]) -> Iterator[str]:
    if titles:
        named = ", ".join(titles[:_NAMED]) + (", ..." if len(titles) > _NAMED else "")
        yield f"{len(titles)} hidden sheets are left out: {named}"


def _is_read(name: str) -> bool:
    is_kept_out = name.startswith(
        ("xl/media/", "xl/embeddings/", "xl/pivotCache/", "xl/drawings/", "xl/externalLinks/")
    )
    return name.endswith((".xml", ".rels")) and not is_kept_out


class _Sheets:
    def __init__(self, writer: Writer, limits: Limits) -> None:
        self.writer = writer
        self._rows_left = limits.pages * _ROWS_OF_A_PAGE
        self._cells_left = limits.text_chars

    def sheet(self, rows: Iterator[tuple[Any, ...]], number: int, title: str) -> None:
        """Write a sheet as a page."""
        self.writer.page(number, title)
        block: list[list[str]] = []
        for row in rows:
            self._count(row)
            cells = [_written(value) for value in row]
            if any(cells):
                block.append(cells)
            elif block:
                self._block(block)
                block = []
        self._block(block)

    def _count(self, row: tuple[Any, ...]) -> None:
        self._rows_left -= 1
        self._cells_left -= len(row)
        if self._rows_left < 0 or self._cells_left < 0 or len(row) > _WIDEST:
            raise StageFailed(
                "too_long", "Expected a workbook of fewer rows and cells (pages, text_chars); there are more. Split it."
            )

    def _block(self, rows: list[list[str]]) -> None:
        alone = 0
        while alone < len(rows) and sum(map(bool, rows[alone])) == 1:
            self.writer.paragraph(next(filter(None, rows[alone])))
            alone += 1
        self.writer.table(rows[alone:])
        self.writer.gap()


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "minutes")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return str(value).strip()

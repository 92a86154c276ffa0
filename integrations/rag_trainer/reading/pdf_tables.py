"""Pages of a PDF on which lines are drawn, read again by PDFium: its text by characters, and tables by their lines.

PDFium isn't safe in threads, so one reader at a time is at work. A page comes here after pypdf has read it within the
bounds on streams and operations; what it shares with other pages, such as fonts, is unpacked within the same bounds
before PDFium sees it.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeAlias

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

from integrations.rag_trainer.limits import Limits
from integrations.rag_trainer.reading.pdf_pages import joined
from integrations.rag_trainer.reading.ruled import Edge, Grid, Ruled, merged, touching

_THIN: Final = 3.0
"""Points; a rectangle that is thinner is a line, and a line that is shorter is a dot."""
_SLANT: Final = 1.0
_DEEPEST: Final = 4
"""Forms in forms in which lines are looked for."""
_RAW: Final = 20
"""Pieces of lines that one line may be drawn of."""
_MOST_TABLES: Final = 32
"""Of a page; each character is looked for in each of them."""
_MOST_SIGNS: Final = 100_000
_PAIRS: Final = 16
"""Pairs of lines that are compared in the time of one operation."""
_HYPHENS: Final = frozenset((0x2, 0xFFFE))
"""What PDFium makes of a hyphen at the end of a line."""

_ONE_AT_A_TIME: Final = threading.Lock()


_Point: TypeAlias = tuple[float, float]
_Matrix: TypeAlias = tuple[float, float, float, float, float, float]
_Place: TypeAlias = tuple[int, int]
"""Number of the grid, and of the cell in it."""
_OUTSIDE: Final = (-1, -1)
_AS_IT_IS: Final = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class TooManyLines(Exception):
    """A page has more lines, tables or characters than are taken."""


@dataclass(frozen=True, slots=True)
class _Sign:
    text: str
    x: float
    y: float


class RuledPages:
    """Reads pages of one document; use it in a `with` block.

    Raises:
        RuntimeError: PDFium can't open the document.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._limits = limits
        self._data = data
        self._document: Any = None
        self._left = limits.pdf_operations

    def __enter__(self) -> RuledPages:
        _ONE_AT_A_TIME.acquire()
        try:
            self._document = pypdfium2.PdfDocument(self._data)
        except BaseException:
            _ONE_AT_A_TIME.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._document.close()
        finally:
            _ONE_AT_A_TIME.release()

    def page(self, index: int) -> list[str | Ruled] | None:
        """Return a page's lines of text and its tables, in the order in which they are drawn. `None`: no table.

        Raises:
            TooManyLines: more than `Limits.pdf_lines`, or than 32 tables or 100,000 characters; or all pages together
                take more than `Limits.pdf_operations`.
            RuntimeError: PDFium can't read the page.
        """
        page = self._document[index]
        try:
            groups = self._groups(page)
            if not groups:
                return None
            width, height = page.get_size()
            grids = [Grid(group, width * height) for group in groups]
            return _read(list(_signs(page)), sorted(grids, key=lambda grid: grid.area))
        finally:
            page.close()

    def _groups(self, page: Any) -> list[list[Edge]]:
        edges = merged(self._edges(page))
        down = sum(edge.vertical for edge in edges)
        if len(edges) > self._limits.pdf_lines:
            raise TooManyLines
        self._spend(down * (len(edges) - down) // _PAIRS)
        groups = touching(edges)
        cells = sum(map(Grid.size, groups))
        if len(groups) > _MOST_TABLES or cells > _RAW * self._limits.pdf_lines:
            raise TooManyLines
        self._spend(cells)
        return groups

    def _spend(self, operations: int) -> None:
        self._left -= operations
        if self._left < 0:
            raise TooManyLines

    def _edges(self, page: Any) -> Iterator[Edge]:
        turned = pdfium.FPDFPage_GetRotation(page.raw)
        left = _RAW * self._limits.pdf_lines
        for begin, end in _pieces(page.raw, _AS_IT_IS, 0):
            left -= 1
            if left < 0:
                raise TooManyLines
            self._spend(1)
            (x0, y0), (x1, y1) = _turned(*begin, turned), _turned(*end, turned)
            if abs(x0 - x1) <= _SLANT and abs(y0 - y1) >= _THIN:
                yield Edge(True, (x0 + x1) / 2, min(y0, y1), max(y0, y1))
            elif abs(y0 - y1) <= _SLANT and abs(x0 - x1) >= _THIN:
                yield Edge(False, (y0 + y1) / 2, min(x0, x1), max(x0, x1))


_OBJECTS: Final = (pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject)
_OBJECTS_OF_FORM: Final = (pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject)


def _pieces(holder: Any, matrix: _Matrix, depth: int) -> Iterator[tuple[_Point, _Point]]:
    """The straight pieces of all paths that are drawn on a page (depth 0) or in a form, and of a thin rectangle the
    line that it stands for."""
    count, item_at = _OBJECTS_OF_FORM if depth else _OBJECTS
    own = pdfium.FS_MATRIX()
    for number in range(count(holder)):
        item = item_at(holder, number)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind not in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM):
            continue
        pdfium.FPDFPageObj_GetMatrix(item, own)
        placed = _after((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            yield from _of_path(item, placed)
        elif depth < _DEEPEST:
            yield from _pieces(item, placed, depth + 1)


def _of_path(item: Any, matrix: _Matrix) -> Iterator[tuple[_Point, _Point]]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, fill, stroke)
    if not (fill.value or stroke.value):
        return
    figure: list[_Point] = []
    for point, begins, ends in _points(item, matrix):
        if begins:
            yield from _of_figure(figure)
            figure = []
        figure.append(point)
        if ends:
            figure.append(figure[0])
    yield from _of_figure(figure)


def _points(item: Any, matrix: _Matrix) -> Iterator[tuple[_Point, bool, bool]]:
    x, y = ctypes.c_float(), ctypes.c_float()
    a, b, c, d, e, f = matrix
    for number in range(pdfium.FPDFPath_CountSegments(item)):
        segment = pdfium.FPDFPath_GetPathSegment(item, number)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = a * x.value + c * y.value + e, b * x.value + d * y.value + f
        begins = pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_MOVETO
        yield point, begins, bool(pdfium.FPDFPathSegment_GetClose(segment))


def _of_figure(figure: list[_Point]) -> Iterator[tuple[_Point, _Point]]:
    if len(figure) >= 4:
        left, right = min(x for x, _ in figure), max(x for x, _ in figure)
        low, high = min(y for _, y in figure), max(y for _, y in figure)
        if high - low <= _THIN < right - left:
            yield (left, (low + high) / 2), (right, (low + high) / 2)
            return
        if right - left <= _THIN < high - low:
            yield ((left + right) / 2, low), ((left + right) / 2, high)
            return
    yield from pairwise(figure)


def _after(first: _Matrix, second: _Matrix) -> _Matrix:
    a, b, c, d, e, f = first
    m, n, o, p, q, r = second
    return (a * m + b * o, a * n + b * p, c * m + d * o, c * n + d * p, e * m + f * o + q, e * n + f * p + r)


def _turned(x: float, y: float, quarters: int) -> _Point:
    """A place as it is shown on a page that is turned clockwise."""
    return ((x, y), (y, -x), (-x, -y), (-y, x))[quarters % 4]


def _signs(page: Any) -> Iterator[_Sign]:
    turned = pdfium.FPDFPage_GetRotation(page.raw)
    text = page.get_textpage()
    box = pdfium.FS_RECTF()
    try:
        if (count := pdfium.FPDFText_CountChars(text.raw)) > _MOST_SIGNS:
            raise TooManyLines
        for number in range(count):
            code = pdfium.FPDFText_GetUnicode(text.raw, number)
            pdfium.FPDFText_GetLooseCharBox(text.raw, number, box)
            x, y = _turned((box.left + box.right) / 2, (box.bottom + box.top) / 2, turned)
            yield _Sign("-\n" if code in _HYPHENS else chr(code) if code < 0x110000 else "\ufffd", x, y)
    finally:
        text.close()


def _read(signs: list[_Sign], grids: list[Grid]) -> list[str | Ruled] | None:
    """Share the characters out to the cells and to the text around the tables; of tables in each other, the inner one
    has them."""
    places = [_place(sign, grids) for sign in signs]
    tables: dict[int, Ruled] = {}
    for number, texts in _cells(signs, places).items():
        if rows := grids[number].rows(texts):
            tables[number] = Ruled(rows, grids[number].columns)
    return _in_order(signs, places, tables) if tables else None


def _place(sign: _Sign, grids: list[Grid]) -> _Place:
    for number, grid in enumerate(grids):
        cell = grid.cell_at(sign.x, sign.y)
        if cell is not None:
            return number, cell
    return _OUTSIDE


def _cells(signs: list[_Sign], places: list[_Place]) -> dict[int, dict[int, str]]:
    """The text of each cell of each grid, as one line."""
    pieces: dict[_Place, list[str]] = {}
    before, gap = _OUTSIDE, ""
    for sign, place in zip(signs, places, strict=True):
        if sign.text.isspace():
            gap = "\n" if "\n" in sign.text or gap == "\n" else " "
            continue
        cell = pieces.setdefault(place, [])
        if cell:
            cell.append(gap if place == before else "\n")
        cell.append(sign.text)
        before, gap = place, ""
    found: dict[int, dict[int, str]] = {}
    for (number, cell_number), parts in pieces.items():
        if number >= 0:
            lines = [line.strip() for line in "".join(parts).splitlines()]
            found.setdefault(number, {})[cell_number] = " ".join(joined([lines])[0])
    return found


def _in_order(signs: list[_Sign], places: list[_Place], tables: dict[int, Ruled]) -> list[str | Ruled]:
    """Lines around the tables, and each table where its first character is drawn."""
    items: list[str | Ruled] = []
    line: list[str] = []
    done: set[int] = set()
    for sign, (number, _) in zip(signs, places, strict=True):
        if number not in tables:
            line.append(sign.text)
        elif number not in done and not sign.text.isspace():
            items += [*"".join(line).splitlines(), tables[number]]
            line = []
            done.add(number)
        elif line and line[-1] != "\n" and not sign.text.isspace():
            line.append("\n")
    return [*items, *"".join(line).splitlines()]

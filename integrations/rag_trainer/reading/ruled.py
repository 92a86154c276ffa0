"""Tables that are drawn with lines: which cells the lines of a page make, and what stands in each.

Lengths are in points, 1/72 inch; y grows upwards. A table is a set of lines that touch each other. Its cells are those
of the grid of all its lines, joined where no line parts them, so a cell may span rows and columns. Sides that aren't
drawn are taken to be where the lines end. The idea of reading a grid from ruling lines is that of Nurminen,
"Algorithmic extraction of data in tables in PDF documents" (2013); its tolerances are fitted to what Word, LibreOffice
and report generators draw.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

_SAME: Final = 3.0
"""Lines nearer than this are one line that is drawn twice, or the two edges of a bar."""
_TOUCH: Final = 3.0
_COVERED: Final = 0.6
"""Share of a cell's side that a line has to cover to part two cells."""
_FRAME: Final = 0.5
"""Share of the page from which a cell is the frame around a drawing's or a form's text, and no cell."""
_HEADED: Final = 2


class Edge(NamedTuple):
    """A line that lies along an axis; a vertical one is at `at` on the x axis, from `low` to `high` on the y axis."""

    vertical: bool
    at: float
    low: float
    high: float


@dataclass(slots=True)
class Ruled:
    """A table that stands on a page.

    Attributes:
        rows: from the top; where a cell spans others, these are empty.
        columns: where its columns end, in points, the left side of the first one before them.
        pages: the number of the page that begins with a row, by the row's index: of a table that goes on there.
    """

    rows: list[list[str]]
    columns: list[float]
    pages: dict[int, int] = field(default_factory=dict)


class Grid:
    """The cells that lines which touch each other make.

    Attributes:
        columns: where its columns end, from left to right, the left side of the first one before them.
    """

    def __init__(self, edges: Sequence[Edge], page_area: float) -> None:
        across = [edge for edge in edges if not edge.vertical]
        down = [edge for edge in edges if edge.vertical]
        self.columns = _places([edge.at for edge in down], [end for edge in across for end in (edge.low, edge.high)])
        self._heights = _places([edge.at for edge in across], [end for edge in down for end in (edge.low, edge.high)])
        self._wide, self._high = len(self.columns) - 1, len(self._heights) - 1
        self._lead = list(range(self._wide * self._high))
        self._join(_walls(down, self.columns, self._heights), _walls(across, self._heights, self.columns))
        self._frames = self._wide_cells(page_area * _FRAME)

    @staticmethod
    def size(edges: Sequence[Edge]) -> int:
        """How many cells a grid of these lines has before any are joined, at most."""
        down = sum(edge.vertical for edge in edges)
        return (down + 1) * (len(edges) - down + 1)

    @property
    def area(self) -> float:
        """Of all of it."""
        return (self.columns[-1] - self.columns[0]) * (self._heights[-1] - self._heights[0])

    def cell_at(self, x: float, y: float) -> int | None:
        """Say in which cell a place is; `None`: in none."""
        column, row = bisect_right(self.columns, x) - 1, bisect_right(self._heights, y) - 1
        if not (0 <= column < self._wide and 0 <= row < self._high):
            return None
        cell = self._find(row * self._wide + column)
        return None if cell in self._frames else cell

    def rows(self, texts: dict[int, str]) -> list[list[str]] | None:
        """Put texts of cells into rows from the top; a cell's text stands where the cell begins, and the rest of it is
        empty. `None`: that is no table, because all of it is in one row or one column.
        """
        begins = self._begins()
        placed = {begins[cell]: text for cell, text in texts.items() if text}
        if len({row for row, _ in placed}) < _HEADED or len({column for _, column in placed}) < _HEADED:
            return None
        return [[placed.get((row, column), "") for column in range(self._wide)] for row in range(self._high)]

    def _join(self, beside: set[tuple[int, int]], above: set[tuple[int, int]]) -> None:
        for row in range(self._high):
            for column in range(self._wide):
                cell = row * self._wide + column
                if column + 1 < self._wide and (column + 1, row) not in beside:
                    self._unite(cell, cell + 1)
                if row + 1 < self._high and (row + 1, column) not in above:
                    self._unite(cell, cell + self._wide)

    def _find(self, cell: int) -> int:
        while self._lead[cell] != cell:
            self._lead[cell] = self._lead[self._lead[cell]]
            cell = self._lead[cell]
        return cell

    def _unite(self, one: int, other: int) -> None:
        one, other = self._find(one), self._find(other)
        self._lead[max(one, other)] = min(one, other)

    def _begins(self) -> dict[int, tuple[int, int]]:
        """The row from the top and the column where each cell begins."""
        found: dict[int, tuple[int, int]] = {}
        for row in range(self._high - 1, -1, -1):
            for column in range(self._wide):
                found.setdefault(self._find(row * self._wide + column), (self._high - 1 - row, column))
        return found

    def _wide_cells(self, most: float) -> frozenset[int]:
        areas: dict[int, float] = defaultdict(float)
        for row, (low, high) in enumerate(pairwise(self._heights)):
            for column, (left, right) in enumerate(pairwise(self.columns)):
                areas[self._find(row * self._wide + column)] += (high - low) * (right - left)
        return frozenset(cell for cell, area in areas.items() if area >= most)


def merged(edges: Iterable[Edge]) -> list[Edge]:
    """Return the lines with those that lie on each other, or go on where another ends, as one. Needs the time of a
    sort.
    """
    found: list[Edge] = []
    for group in _alike(sorted(edges)):
        at = sum(edge.at for edge in group) / len(group)
        low, high = None, 0.0
        for edge in sorted(group, key=lambda edge: edge.low):
            if low is None:
                low, high = edge.low, edge.high
            elif edge.low <= high + _SAME:
                high = max(high, edge.high)
            else:
                found.append(Edge(edge.vertical, at, low, high))
                low, high = edge.low, edge.high
        if low is not None:
            found.append(Edge(group[0].vertical, at, low, high))
    return found


def touching(edges: Sequence[Edge]) -> list[list[Edge]]:
    """Part lines into sets that touch each other, and leave out sets that can't make two rows or two columns. At worst
    each vertical line is compared with each other one.
    """
    across = sorted((edge for edge in edges if not edge.vertical), key=lambda edge: edge.at)
    heights = [edge.at for edge in across]
    down = [edge for edge in edges if edge.vertical]
    leads = list(range(len(across) + len(down)))

    def find(one: int) -> int:
        while leads[one] != one:
            leads[one] = leads[leads[one]]
            one = leads[one]
        return one

    for number, edge in enumerate(down, start=len(across)):
        for other in range(bisect_left(heights, edge.low - _TOUCH), bisect_right(heights, edge.high + _TOUCH)):
            if across[other].low - _TOUCH <= edge.at <= across[other].high + _TOUCH:
                leads[find(other)] = find(number)
    groups: dict[int, list[Edge]] = defaultdict(list)
    for number, edge in enumerate([*across, *down]):
        groups[find(number)].append(edge)
    return [group for group in groups.values() if _may_part(group)]


def _may_part(group: Sequence[Edge]) -> bool:
    down = sum(edge.vertical for edge in group)
    return len(group) >= 4 and 1 <= down < len(group)


def _alike(edges: Sequence[Edge]) -> Iterator[list[Edge]]:
    """Part lines of one direction that are at the same place; `edges` are sorted."""
    group: list[Edge] = []
    for edge in edges:
        if group and (edge.vertical != group[0].vertical or edge.at - group[0].at > _SAME):
            yield group
            group = []
        group.append(edge)
    if group:
        yield group


def _places(drawn: Iterable[float], ends: Iterable[float]) -> list[float]:
    """Where lines are, from the lowest, and where those across them end, if that is elsewhere."""
    outer = list(ends)
    places: list[float] = []
    for place in sorted([*drawn, min(outer), max(outer)]):
        if not places or place - places[-1] > _SAME:
            places.append(place)
    return places if len(places) > 1 else [places[0], places[0] + _SAME]


def _walls(edges: Sequence[Edge], places: Sequence[float], steps: Sequence[float]) -> set[tuple[int, int]]:
    """Return the number of the place, and that of the step along it, of each side of a cell that a line covers."""
    found: set[tuple[int, int]] = set()
    for edge in edges:
        place = bisect_left(places, edge.at - _SAME)
        first = max(bisect_right(steps, edge.low) - 1, 0)
        for step in range(first, min(bisect_left(steps, edge.high), len(steps) - 1)):
            low, high = steps[step], steps[step + 1]
            if min(high, edge.high) - max(low, edge.low) >= _COVERED * (high - low):
                found.add((place, step))
    return found

"""Plain-text tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and on which side its cells stand."""

    heading: str
    left: bool = False


def render(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    """Lay the rows out under their headings. A column in which nothing stands is left out."""
    used = [i for i in range(len(columns)) if any(row[i] for row in rows)]
    widths = {i: max(len(columns[i].heading), *(len(row[i]) for row in rows)) for i in used}

    def line(cells: Sequence[str]) -> str:
        placed = (cells[i].ljust(widths[i]) if columns[i].left else cells[i].rjust(widths[i]) for i in used)
        return "  ".join(placed).rstrip()

    rule = "  ".join("-" * widths[i] for i in used)
    return "\n".join([line([column.heading for column in columns]), rule, *map(line, rows)])

"""Results as tables: one for each kind of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

from benchmarks.table import Column, render


def groups(found: Any) -> list[list[Any]]:
    """Group dataclasses by their kind, in order."""
    kinds: dict[type, list[Any]] = {}

    def add(value: Any) -> None:
        if is_dataclass(value) and not isinstance(value, type):
            kinds.setdefault(type(value), []).append(value)
        elif isinstance(value, Sequence):
            for part in value:
                add(part)

    add(found)
    return list(kinds.values())


def table(values: Sequence[Any]) -> str:
    """Show the plain fields, and whether a budget is kept where there is one."""
    rows = []
    for item in values:
        row = {name: value for name, value in asdict(item).items() if not isinstance(value, list | dict)}
        if hasattr(item, "within"):
            row["verdict"] = getattr(item, "verdict", "" if item.within else "over the budget")
        rows.append(row)
    columns = [Column(name.replace("_", " "), left=isinstance(value, str)) for name, value in rows[0].items()]
    return render(columns, [[_cell(value) for value in row.values()] for row in rows])


def lines_of(values: Sequence[Any]) -> Iterator[str]:
    """Tell what is too long for a table: the lines of each result that has some."""
    for item in values:
        if lines := getattr(item, "lines", ()):
            yield f"{item.call}: {item.statement}\n" + "".join(f"    {line}\n" for line in lines)


def _cell(value: Any) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)

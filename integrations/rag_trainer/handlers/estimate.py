"""Estimates: their rows, and whether they add up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.results import Item, Structure, Table, Text

_COLUMNS: Final = (
    ("number", r"^№|^n$|^no\.?$|^поз|^item no"),
    ("code", r"шифр|обоснован|расцен\w* код|^код|^code|rate code"),
    ("sum", r"сумм|всего|общая стоимость|стоимость[,\s]|^amount|^total|^sum"),
    ("price", r"цена|стоимость (?:за )?ед|за единиц|^rate\b|price"),
    ("unit", r"ед\.? ?изм|^ед\b|единиц|^units?\b"),
    ("quantity", r"кол-?во|количеств|объ[её]м|^q(?:uanti)?ty"),
    ("name", r"наименован|^работ|^описан|^description|^name|^item\b|^work"),
)
_PATTERNS: Final = tuple((field, re.compile(pattern, re.I)) for field, pattern in _COLUMNS)
_AMOUNT: Final = re.compile(r"-?\d{1,3}(?:[ \u00a0\u202f]\d{3}){1,5}(?:[.,]\d{1,4})?|-?\d{1,15}(?:[.,]\d{1,4})?")
_GROUPED: Final = re.compile(r"-?\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,4})?")
_TOTAL: Final = re.compile(r"^\s*(?:итого|всего|total|subtotal|sub-total|grand total)\b", re.I)
_NAMED: Final = ("quantity", "price", "sum")


class EstimateRows:
    """Items of the kind `row` (`data`: number, code, name, unit; quantity, price, sum as decimal numbers, those that
    are there) and `mismatch` (`data`: `expected`, `found`) where quantity times price, or a column's total, isn't what
    stands there.

    Args:
        tolerance: difference in units of the currency that rounding may make, for one row and, times the number of
            rows, for a total.
    """

    name = "estimate"
    types = ("estimate",)

    def __init__(self, tolerance: Decimal = Decimal("0.01")) -> None:
        self._tolerance = tolerance

    def items(self, draft: Draft) -> Sequence[Item]:
        """Return the rows, and what doesn't add up."""
        text = draft[Text].text
        return [item for table in draft[Structure].tables for item in self._of_table(text, table)]

    def _of_table(self, text: str, table: Table) -> Iterator[Item]:
        header = next((number for number, row in enumerate(table.rows[:4]) if len(_fields(row)) >= 3), None)
        if header is None or "name" not in (fields := _fields(table.rows[header])):
            return
        total, rows = Decimal(0), 0
        for row, start, end in _lines(text, table, header + 1):
            data = _data(row, fields)
            if _TOTAL.match(next((cell for cell in row if cell.strip()), "")):
                if "sum" in data:
                    yield from self._compared(text, (start, end), total, data["sum"], rows)
                    total, rows = Decimal(0), 0
            elif len(data) > 1 and data.get("name") and any(field in data for field in _NAMED):
                yield Item(kind="row", text=text[start:end], data=data, start=start, end=end)
                total, rows = total + Decimal(data.get("sum", "0")), rows + 1
                if all(field in data for field in _NAMED):
                    product = Decimal(data["quantity"]) * Decimal(data["price"])
                    yield from self._compared(text, (start, end), product, data["sum"], 1)

    def _compared(self, text: str, span: tuple[int, int], expected: Decimal, found: str, rows: int) -> Iterator[Item]:
        if rows and abs(expected - Decimal(found)) > self._tolerance * rows:
            data = {"expected": format(expected.normalize(), "f"), "found": found}
            yield Item(kind="mismatch", text=text[slice(*span)], data=data, start=span[0], end=span[1])


def _fields(row: Sequence[str]) -> dict[str, int]:
    """Return which column holds what, by the table's head; each column holds one thing."""
    found: dict[str, int] = {}
    for place, cell in enumerate(row):
        head = " ".join(cell[:200].split())
        for field, pattern in _PATTERNS:
            if field not in found and pattern.search(head):
                found[field] = place
                break
    return found


def _data(row: Sequence[str], fields: Mapping[str, int]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for field, place in fields.items():
        cell = row[place].strip() if place < len(row) else ""
        value = _amount(cell) if field in _NAMED else cell
        if value:
            data[field] = value
    return data


def _amount(cell: str) -> str | None:
    if _GROUPED.fullmatch(cell) and "," in cell and (cell.count(",") > 1 or "." in cell):
        return cell.replace(",", "")
    if _AMOUNT.fullmatch(cell):
        return re.sub(r"[ \u00a0\u202f]", "", cell).replace(",", ".")
    return None


def _lines(text: str, table: Table, first: int) -> Iterator[tuple[Sequence[str], int, int]]:
    start = table.start
    for number, row in enumerate(table.rows):
        end = text.find("\n", start, table.end)
        end = table.end if end < 0 else end
        if start >= table.end:
            return
        if number >= first:
            yield row, start, end
        start = end + 1

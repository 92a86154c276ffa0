"""How long a work takes, as the text says: "в течение 3 суток", "takes 28 days"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from integrations.rag_trainer.results import Table
from integrations.rag_trainer.works.relations import Mention

_DAYS: Final = (
    ("час", 1 / 24),
    ("ч", 1 / 24),
    ("hour", 1 / 24),
    ("недел", 7.0),
    ("week", 7.0),
    ("мес", 30.0),
    ("month", 30.0),
)
"""Days of a unit by how it begins; a month is taken as 30 days, and a shift (смена) as a day."""
_NUMBER: Final = r"(?P<number>\d{1,4}(?:[.,]\d{1,2})?)"
_UNIT: Final = (
    r"(?P<unit>суток|сутки|сут|дней|дня|день|дн|час(?:ов|а)?|ч|смен[аы]?"
    r"|недел[июья]|недель|месяц(?:ев|а)?|days?|hours?|weeks?|months?|"
    r"shifts?)\b"
)
_SAID: Final = re.compile(
    rf"(?:в течение|продолжительност\w{{1,3}}(?: работ)?|длительност\w{{1,3}}|сроком|срок|takes?|lasts?|for"
    rf"|within|duration(?: of)?)"
    rf"[\s:–—-]{{1,3}}(?:не менее |не более |at least |about |up to )?{_NUMBER}[\s-]{{1,2}}{_UNIT}",
    re.I,
)
_CELL: Final = re.compile(rf"{_NUMBER}\s{{0,2}}(?:{_UNIT})?", re.I)
_HEAD: Final = re.compile(r"продолжительност|длительност|\bсрок|duration", re.I)
_REACH: Final = 160
"""Characters after a work's name in which its duration is looked for; another work's name ends that earlier."""


def durations(text: str, mentions: Sequence[Mention], tables: Sequence[Table]) -> dict[str, float]:
    """Return days by work, for works whose duration the text tells: the first that it tells."""
    found: dict[str, float] = {}
    ends = [mention.start for mention in mentions[1:]] + [len(text)]
    for mention, end in zip(mentions, ends, strict=False):  # one end too many when there is no mention
        if mention.work not in found and (days := _after(text, mention.end, min(end, mention.end + _REACH))):
            found[mention.work] = days
    for table in tables:
        for work, days in _of_table(text, table, mentions):
            found.setdefault(work, days)
    return found


def _after(text: str, start: int, end: int) -> float | None:
    stops = [place for sign in (". ", "\n", ";") if (place := text.find(sign, start, end)) >= 0]
    match = _SAID.search(text, start, min(stops, default=end))
    return _days(match) if match else None


def _days(match: re.Match[str], unit: str = "") -> float:
    said = (match["unit"] or unit).lower()
    factor = next((days for begin, days in _DAYS if said.startswith(begin)), 1.0)
    return round(float(match["number"].replace(",", ".")) * factor, 4)


def _of_table(text: str, table: Table, mentions: Sequence[Mention]) -> list[tuple[str, float]]:
    head = table.rows[0] if table.rows else ()
    column = next((place for place, cell in enumerate(head) if _HEAD.search(cell[:200])), None)
    if column is None:
        return []
    unit = next((begin for begin, _ in _DAYS if len(begin) > 1 and begin in head[column].lower()), "")
    inside = [mention for mention in mentions if table.start <= mention.start < table.end]
    found, number, begin = [], 0, table.start
    lines = text[table.start : table.end].split("\n")
    for line, row in zip(lines, table.rows, strict=False):
        while number < len(inside) and inside[number].start < begin:
            number += 1
        if number < len(inside) and inside[number].start < begin + len(line) and column < len(row):
            match = _CELL.fullmatch(row[column].strip())
            found += [(inside[number].work, _days(match, unit))] if match else []
        begin += len(line) + 1
    return found

"""Dates in Russian and English texts. What isn't in the calendar, such as 31.02.2019, is none.

A number of four digits alone is a date only where the words around it say so: `2019 г.`, `в 2019 году`, `in 2019`, or
the foot of a title page (`Москва 2019`). Left out because they would be guesses: years of two digits, and days that
could as well be months (`06/07/2019`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from integrations.rag_trainer.results import Dated

_RUSSIAN: Final = ("янв", "фев", "мар", "апр", "ма[йяе]", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_ENGLISH: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH_NAMES: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
_RUSSIAN_NAMES: Final = (
    r"(?:январ[ьяе]|феврал[ьяе]|марта?е?|апрел[ьяе]|ма[йяе]|июн[ьяе]|июл[ьяе]|августа?е?|сентябр[ьяе]|октябр[ьяе]"
    r"|ноябр[ьяе]|декабр[ьяе])(?![а-я])"
)
_YEAR: Final = r"(?:1[89]|20|21)\d\d(?!\d)"
_GAP: Final = r"[ \n]{1,3}"
_OF_YEAR: Final = r"(?:[ \n]{0,2}(?:года?|году|годов)(?![а-я])|[ \n]{0,2}гг?\.|[ \n]гг?(?![а-я.]))"
_ALL: Final = re.compile(
    r"(?:(?<![\w.,/-])|(?<=20\d\d-)|(?<=19\d\d-))(?<!п\. )(?:"
    + "|".join(
        (
            rf"(?P<iso>{_YEAR}-\d\d-\d\d)(?![\w-])",
            rf"(?P<dots>\d{{1,2}}\.\d{{1,2}}\.{_YEAR})(?!\.\d)(?![-/]\d)(?:{_OF_YEAR})?",
            rf"(?P<slashes>\d{{1,2}}/\d{{1,2}}/{_YEAR})(?![/\w])",
            rf"(?P<ru_day>[\"«]?\d{{1,2}}[\"»]?{_GAP}{_RUSSIAN_NAMES}{_GAP}{_YEAR})(?:{_OF_YEAR})?",
            rf"(?P<ru_month>{_RUSSIAN_NAMES}{_GAP}{_YEAR})(?:{_OF_YEAR})?",
            rf"(?P<en_day>\d{{1,2}}(?:st|nd|rd|th)?(?: of)?[ \n-]{{1,3}}{_ENGLISH_NAMES},?[ \n-]{{1,3}}{_YEAR})",
            rf"(?P<en_first>{_ENGLISH_NAMES}{_GAP}\d{{1,2}}(?:st|nd|rd|th)?,?{_GAP}{_YEAR})",
            rf"(?P<en_month>{_ENGLISH_NAMES},?{_GAP}{_YEAR})",
            rf"(?P<year>{_YEAR})(?:{_OF_YEAR}|(?=-{_YEAR}{_OF_YEAR}))",
            rf"(?P<bare>{_YEAR})(?![\w:/-])(?![.,]\d)",
        )
    )
    + ")"
)
_BEFORE_BARE: Final = re.compile(
    r"(?:\b(?:in|since|until|by|year|с|в|до|по|к|за|на|от)|©(?: [a-zа-я]{1,20})?),?[ \n]{1,2}$"
)
_PLACE: Final = re.compile(r"(?:г\. ?)?[А-ЯA-Z][А-Яа-яA-Za-z-]{2,30},? {0,40}$")
_AFTER_NOT: Final = re.compile(r" {0,2}(?:[а-яa-z°%$€₽×]|\d)")
_LONGEST_LINE: Final = 60


def dates(text: str, folded: str) -> Iterator[Dated]:
    """Yield the dates of a text, in their order; `folded` is the same text folded."""
    lowered = folded.lower()
    for found in _ALL.finditer(lowered):
        kind = found.lastgroup or ""
        if kind == "bare" and not _is_year(folded, lowered, found):
            continue
        value = _value(kind, found.group(kind))
        if value:
            yield Dated(start=found.start(), end=found.end(), text=text[found.start() : found.end()], value=value)


def _is_year(folded: str, lowered: str, found: re.Match[str]) -> bool:
    start, end = found.span()
    if _BEFORE_BARE.search(lowered, max(0, start - 40), start):
        return not _AFTER_NOT.match(lowered, end, end + 4) or lowered.startswith((" and", " the", " г", " и "), end)
    line_start = folded.rfind("\n", max(0, start - _LONGEST_LINE), start) + 1
    alone_after = end == len(folded) or folded[end] == "\n"
    return alone_after and bool(_PLACE.fullmatch(folded, line_start, start))


def _value(kind: str, told: str) -> str | None:
    numbers = [int(number) for number in re.findall(r"\d+", told)]
    if kind in ("year", "bare"):
        return told
    if kind in ("ru_month", "en_month"):
        return f"{numbers[0]:04}-{_month(told):02}"
    if kind in ("ru_day", "en_day", "en_first"):
        return _iso(numbers[1], _month(told), numbers[0])
    if kind == "iso":
        return _iso(*numbers)
    first, second, year = numbers
    if kind == "slashes":
        return _of_slashes(first, second, year)
    return _iso(year, second, first)


def _of_slashes(first: int, second: int, year: int) -> str | None:
    """Day and month in either order, where only one order is in the calendar, or both say the same."""
    found = {value for value in (_iso(year, second, first), _iso(year, first, second)) if value}
    return found.pop() if len(found) == 1 else None


def _month(told: str) -> int:
    names = _RUSSIAN if re.search("[а-я]", told) else _ENGLISH
    return next(number for number, name in enumerate(names, start=1) if re.search(rf"(?<![а-яa-z]){name}", told))


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None

"""Numbers that Word counts: norms written in Word have their `5.2.1` here, and not in the text."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from integrations.rag_trainer.reading.docx_styles import attribute, value

_LEVELS: Final = 9
_PLACE: Final = re.compile("%([1-9])")
_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_CYRILLIC: Final = "абвгдежзиклмнопрстуфхцшщэюя"
_ROMAN: Final = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    )
)
_MOST: Final = 100_000


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    format: str
    pattern: str


class Numbering:
    """Counts the lists of a document, in the order in which its paragraphs are asked about.

    Args:
        tree: the part `numbering.xml`; `None`: the document has no lists.
    """

    def __init__(self, tree: Any | None) -> None:
        self._lists: dict[str, dict[int, _Level]] = {}
        self._of_number: dict[str, str] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        if tree is None:
            return
        for node in tree.iterfind("{*}abstractNum"):
            self._lists[attribute(node, "abstractNumId") or ""] = dict(_levels(node))
        for node in tree.iterfind("{*}num"):
            self._of_number[attribute(node, "numId") or ""] = value(node.find("{*}abstractNumId")) or ""

    def label(self, number: str | None, depth: str | None) -> str:
        """Count a paragraph of a list, and return what Word shows in front of it; empty: nothing, or a bullet.

        Args:
            number: id of the list.
            depth: level in it, from 0.
        """
        name = self._of_number.get(number or "", "")
        level = int(depth) if depth and depth.isdecimal() and len(depth) == 1 else 0
        levels = self._lists.get(name, {})
        if level not in levels:
            return ""
        counts = self._counts[name]
        counts[level] = counts[level] + 1 if level in counts else levels[level].start
        for deeper in range(level + 1, _LEVELS):
            counts.pop(deeper, None)
        if levels[level].format in ("bullet", "none"):
            return ""
        return _PLACE.sub(lambda found: self._shown(levels, counts, int(found[1]) - 1, level), levels[level].pattern)

    @staticmethod
    def _shown(levels: dict[int, _Level], counts: dict[int, int], place: int, level: int) -> str:
        if place not in levels or place > level:
            return ""
        count = counts.setdefault(place, levels[place].start)
        return _written(count, levels[place].format)


def _levels(node: Any) -> list[tuple[int, _Level]]:
    found = []
    for level in node.iterfind("{*}lvl"):
        number, start = attribute(level, "ilvl") or "", value(level.find("{*}start")) or "1"
        if number.isdecimal() and int(number[:3]) < _LEVELS and start.isdecimal():
            found.append(
                (
                    int(number),
                    _Level(
                        start=min(int(start[:7]), _MOST),
                        format=value(level.find("{*}numFmt")) or "decimal",
                        pattern=(value(level.find("{*}lvlText")) or "")[:50],
                    ),
                )
            )
    return found


def _written(count: int, format: str) -> str:
    if format in ("lowerLetter", "upperLetter"):
        text = _lettered(count, _LATIN)
    elif format in ("russianLower", "russianUpper"):
        text = _lettered(count, _CYRILLIC)
    elif format in ("lowerRoman", "upperRoman"):
        text = _roman(count)
    else:
        return str(count)
    return text.upper() if format.startswith(("upper", "russianUpper")) else text


def _lettered(count: int, letters: str) -> str:
    """A letter, and after the last one each of them twice, and so on, as Word does."""
    if count < 1:
        return ""
    rounds, place = divmod(count - 1, len(letters))
    return letters[place] * min(rounds + 1, 10)


def _roman(count: int) -> str:
    text = ""
    for size, sign in _ROMAN if count < 10_000 else ():
        times, count = divmod(count, size)
        text += sign * times
    return text or str(count)

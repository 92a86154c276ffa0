"""A text in segments: sentences and items of lists, each with its place.

Lines that a format has broken are joined: a line that begins with a small letter goes on with the one before it, unless
that one has ended. All patterns look at a bounded number of characters, so the time is linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from integrations.rag_trainer.results import Span

LONGEST: Final = 2_000
"""Characters of a segment; what is longer, such as text without punctuation, is cut there."""

_MARKER: Final = re.compile(
    r"[ \t]{0,40}(?:(?P<number>\d{1,3}(?:\.\d{1,3}){1,5}|\d{1,3}(?=[.)]))[.)]?[ \t]{1,8}"
    r"|(?P<letter>[а-яёa-z])\)[ \t]{0,8}"
    r"|(?P<bullet>[-–—•*·▪])[ \t]{1,8})"
)
_END: Final = re.compile(r"[.;!?](?=\s)|(?<![\w.])\d{1,2}\)(?=\s)")
_ABBREVIATION: Final = re.compile(
    r"(?<!\w)(?:т|п|пп|г|гг|др|пр|рис|табл|см|ст|разд|прил|мин|макс|тыс|млн|им|ул|стр|fig|no|sec|cl|e\.g|i\.e|etc)$",
    re.I,
)
_ENDED: Final = ".;:!?"


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence, or an item of a list.

    Attributes:
        start, end: characters of the text, marker and closing full stop excluded.
        marker: what an item of a list begins with, such as `1`, `а` or `-`; `None`: no item, or not its beginning.
        opens: it ends with a colon, so that what follows belongs to it.
    """

    start: int
    end: int
    marker: str | None = None
    opens: bool = False


def segments(text: str, without: Sequence[Span] = ()) -> Iterator[Segment]:
    """Yield the segments in the order of the text, but for those that begin in one of the spans (of tables)."""
    ordered = sorted((span.start, span.end) for span in without)
    starts = [start for start, _ in ordered]

    def outside(line: int) -> bool:
        place = bisect_right(starts, line) - 1
        return place < 0 or line >= ordered[place][1]

    for start, end in _blocks(text, outside):
        yield from _parts(text, start, end)


def _blocks(text: str, outside: Callable[[int], bool]) -> Iterator[tuple[int, int]]:
    """Yield lines, joined where one goes on with the one before."""
    begin, last = -1, -1
    at = 0
    while at <= len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        first = _first(text, at, stop) if outside(at) else stop
        if begin >= 0 and not _goes_on(text, begin, last, first, stop):
            yield begin, last
            begin = -1
        if first < stop:
            begin, last = (at if begin < 0 else begin), stop
        at = stop + 1
    if begin >= 0:
        yield begin, last


def _first(text: str, start: int, stop: int) -> int:
    while start < stop and text[start].isspace():
        start += 1
    return start


def _goes_on(text: str, begin: int, last: int, first: int, stop: int) -> bool:
    return (
        first < stop
        and text[first].islower()
        and text[last - 1 : last] not in _ENDED
        and stop - begin <= LONGEST
        and _MARKER.match(text, first, stop) is None
    )


def _parts(text: str, start: int, end: int) -> Iterator[Segment]:
    marker = None
    if found := _MARKER.match(text, start, end):
        marker, start = found["number"] or found["letter"] or found["bullet"], found.end()
    for boundary in _END.finditer(text, start, end):
        if boundary[0] == "." and _ABBREVIATION.search(text, max(start, boundary.start() - 8), boundary.start()):
            continue
        yield from _whole(text, start, boundary.start(), marker)
        start, marker = boundary.end(), (boundary[0][:-1] if boundary[0].endswith(")") else None)
    yield from _whole(text, start, end, marker)


def _whole(text: str, start: int, end: int, marker: str | None) -> Iterator[Segment]:
    while start < end:
        cut = end if end - start <= LONGEST else max(text.rfind(" ", start, start + LONGEST), start + LONGEST // 2)
        first, last = _first(text, start, cut), cut
        while last > first and (text[last - 1].isspace() or text[last - 1] in ".;,"):
            last -= 1
        if first < last:
            yield Segment(first, last, marker, text[last - 1] == ":")
            marker = None
        start = cut

"""The sections of a text: headings of its format, and headings that are found by their numbers and words.

A number counts only where it goes on from those before it (5.2 after 5.1, 5.2.1 after 5.2), which lists, dates and
quantities at the begin of a line don't. Lines of a table of contents come again later in the text, or end with a page.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from integrations.rag_trainer.recognition.folding import fold
from integrations.rag_trainer.recognition.headings import Heading, heading, key, leads_to_page, number_in
from integrations.rag_trainer.recognition.lines import Line, lines
from integrations.rag_trainer.results import Section, Text

_CONTENTS: Final = re.compile(r"[ #]{0,8}(?:содержание|оглавление|contents|table of contents)[ .:]{0,3}", re.IGNORECASE)
_GAP: Final = 3
"""How many numbers may be missing between two that follow each other: scanning loses some."""


def sections_of(text: Text, covered: Sequence[tuple[int, int]]) -> list[Section]:
    """Return the sections of a text in their order; lines within `covered` (tables) begin none."""
    folded = fold(text.text)
    marked = _marked(text, folded)
    found = _within_sequence(_found(text.text, folded, covered))
    if marked and len(marked) > 1 and len(marked) * 2 >= sum(not item.clause for item in found):
        found = _continuing(found, marked)
    covering = sorted((item.start, item.end) for item in marked)
    apart = [item for item in found if not _overlaps(item, covering)]
    return _nested(sorted([*marked, *apart], key=lambda item: item.start), len(text.text))


def _marked(text: Text, folded: str) -> list[Heading]:
    found: list[Heading] = []
    done = 0
    for mark in sorted(text.headings, key=lambda span: (span.start, span.end)):
        if mark.start < done or mark.end <= mark.start or mark.end > len(text.text):
            continue
        told = " ".join(text.text[mark.start : mark.end].strip(" #\n\t").split())
        line_start = folded.rfind("\n", done, mark.start) + 1
        begin = line_start if line_start >= done and not folded[line_start : mark.start].strip(" #") else mark.start
        if told and not _CONTENTS.fullmatch(fold(told)):
            number, title = number_in(told)
            found.append(Heading(begin, mark.end, "named", number, title, mark.level, body=mark.end))
        done = mark.end
    return found


def _found(text: str, folded: str, covered: Sequence[tuple[int, int]]) -> list[Heading]:
    all_lines = [line for line in lines(folded) if not line.blank]
    keys = Counter(key(line) for line in all_lines if heading(line, line.text))
    within, strangers = False, 0
    found: list[Heading] = []
    areas = sorted(covered)
    inside = _Sweep(areas)
    for line in all_lines:
        if inside(line.start):
            continue
        if _CONTENTS.fullmatch(line.text):
            within, strangers = True, 0
            continue
        item = heading(line, text[line.start : line.end])
        same = key(line) if item or within else ""
        again = bool(item) and keys[same] > 1
        if again:
            keys[same] -= 1
        if within:
            strangers = 0 if again or leads_to_page(line) else strangers + 1
            within = strangers < 2 and not (item and strangers)
        if item and not leads_to_page(line) and not (within and again):
            found.append(item)
    return _without_lists(found, all_lines)


def _without_lists(found: list[Heading], all_lines: list[Line]) -> list[Heading]:
    """Drop runs of lines with one rising number each and nothing between them: they are a list, or contents.

    The last of a run stays when a section of its own follows (5.1 after 5), and with it one that is alone before it.
    """
    after = {line.start: next_line.start for line, next_line in pairwise(all_lines)}
    kept: list[Heading] = []
    run: list[Heading] = []
    for item in found:
        if run and not (_is_listed(run[-1], item) and after.get(run[-1].start) == item.start):
            kept += _of_run(run, item)
            run = []
        run.append(item)
    return kept + _of_run(run, None)


def _is_listed(one: Heading, two: Heading) -> bool:
    if one.form != "number" or two.form != "number" or len(one.parts) > 1 or len(two.parts) > 1:
        return False
    return int(one.parts[0]) < int(two.parts[0]) <= int(one.parts[0]) + _GAP


def _of_run(run: list[Heading], following: Heading | None) -> list[Heading]:
    if len(run) < 2 or (len(run) == 2 and _has_child(run[-1], following)):
        return run
    return run[-1:] if _has_child(run[-1], following) else []


def _has_child(item: Heading, following: Heading | None) -> bool:
    return following is not None and following.parts == (*item.parts, "1")


def _within_sequence(found: list[Heading]) -> list[Heading]:
    kept: list[Heading] = []
    last: dict[tuple[str, ...], int] = {}
    annex = ""
    for item, following in zip(found, [*found[1:], None], strict=False):
        if item.form != "number":
            annex = (item.number or "") if item.form == "annex" else ""
            if item.form in ("annex", "part", "chapter", "article"):
                last = {}
            kept.append(item)
        elif _goes_on(item, last, annex) or (not last and _has_child(item, following)):
            head, tail = item.parts[:-1], int(item.parts[-1])
            last = {prefix: value for prefix, value in last.items() if len(prefix) <= len(head)}
            for depth, part in enumerate(head):
                if part.isdigit():
                    last[head[:depth]] = int(part)
            last[head] = tail
            kept.append(item)
    return kept


def _goes_on(item: Heading, last: dict[tuple[str, ...], int], annex: str) -> bool:
    *head, tail = item.parts
    prefix, number = tuple(head), int(tail)
    if prefix and not prefix[0].isdigit() and fold(prefix[0]) != fold(annex):
        return False
    if prefix in last and _is_open(prefix, last):
        return last[prefix] < number <= last[prefix] + _GAP
    if not last and not annex:
        return number <= _GAP or bool(prefix)
    if not prefix:
        return number <= _GAP if () not in last else last[()] < number <= last[()] + _GAP
    return number <= _GAP and (_is_open(prefix, last) or _opens(prefix, last))


def _is_open(prefix: tuple[str, ...], last: dict[tuple[str, ...], int]) -> bool:
    return all(not part.isdigit() or last.get(prefix[:depth]) == int(part) for depth, part in enumerate(prefix))


def _opens(prefix: tuple[str, ...], last: dict[tuple[str, ...], int]) -> bool:
    """Whether a section above it, whose heading was lost, would be the next one."""
    above, part = prefix[:-1], prefix[-1]
    if not part.isdigit():
        return True
    return _is_open(above, last) and 0 < int(part) - last.get(above, 0) <= _GAP


def _continuing(found: list[Heading], marked: list[Heading]) -> list[Heading]:
    """Those below a heading of the format: their number goes on from its own."""
    kept = []
    at = -1
    for item in found:
        while at + 1 < len(marked) and marked[at + 1].start <= item.start:
            at += 1
        above = marked[at].parts if at >= 0 else ()
        if above and item.form == "number" and item.parts[: len(above)] == above and len(item.parts) > len(above):
            kept.append(item)
    return kept


def _nested(found: list[Heading], length: int) -> list[Section]:
    ends = [length] * len(found)
    places: list[tuple[int | None, int]] = []
    above: list[int] = []
    for index, item in enumerate(found):
        while above and _closes(item, found[above[-1]]):
            ends[above.pop()] = item.start
        places.append((above[-1] if above else None, len(above) + 1))
        above.append(index)
    return [
        Section(
            start=item.start, end=end, number=item.number, title=item.title, level=level, parent=parent, body=item.body
        )
        for item, end, (parent, level) in zip(found, ends, places, strict=True)
    ]


def _closes(item: Heading, above: Heading) -> bool:
    """Whether a section ends where `item` begins; a bibliography after an annex isn't part of it."""
    return above.rank >= item.rank or (above.form == "annex" and item.form == "named")


class _Sweep:
    """Tells whether a place is in one of some areas; places are asked for in rising order."""

    def __init__(self, areas: Sequence[tuple[int, int]]) -> None:
        self._areas = iter(areas)
        self._area = next(self._areas, None)

    def __call__(self, place: int) -> bool:
        while self._area and self._area[1] <= place:
            self._area = next(self._areas, None)
        return self._area is not None and self._area[0] <= place


def _overlaps(item: Heading, spans: list[tuple[int, int]]) -> bool:
    """Whether a line shares a character with one of `spans`, which are sorted and apart from each other."""
    index = bisect_left(spans, (max(item.end, item.body), -1))
    return index > 0 and spans[index - 1][1] > item.start


def section_at(sections: Sequence[Section], places: Sequence[int]) -> Iterator[int | None]:
    """Yield the innermost section of each place; both are in the order of the text."""
    index = -1
    for place in places:
        while index + 1 < len(sections) and sections[index + 1].start <= place:
            index += 1
        inner: int | None = index if index >= 0 else None
        while inner is not None and sections[inner].end <= place:
            inner = sections[inner].parent
        yield inner

"""Finds candidates of works: in titles, tables, lists and sentences."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from integrations.rag_trainer.results import Candidate, Section, Table
from integrations.rag_trainer.works import rules
from integrations.rag_trainer.works.phrases import Phrase, imperative, phrases
from integrations.rag_trainer.works.segments import Segment, segments

_OF_WORKS: Final = re.compile(
    r"(?:наименовани|вид)\w* (?:и состав )?(?:\w+ )?(?:работ|операци|процесс)|^работ[аы]\b|^операци"
    r"|технологическ\w+ операци"
    r"|^(?:scope of )?works?\b|^(?:work )?(?:activity|activities|operation|operations|task|tasks)\b"
    r"|work item|name of works?",
    re.I,
)
_OF_ANYTHING: Final = re.compile(r"^наименовани|^описани|^description|^name\b|^содержани", re.I)
_NO_WORK: Final = re.compile(r"^\s*(?:итого|всего|раздел|в том числе|ндс|total|subtotal|sub-total|section|vat)\b", re.I)
_LETTERS: Final = re.compile(r"[^\W\d_]{3}")
_CELL_LIMIT: Final = 300
"""Characters of a cell that can be a name."""


def in_titles(text: str, sections: Sequence[Section]) -> Iterator[Candidate]:
    """Yield the titles that begin with a work's noun."""
    for index, section in enumerate(sections):
        start = text.find(section.title, section.start, max(section.body, section.start + len(section.title)) + 1)
        if start < 0 or not section.title:
            continue
        for phrase in phrases(text, start, start + len(section.title), wide=True):
            if phrase.first:
                yield _candidate(text, phrase, rules.TITLE, index)
            break


def in_table(text: str, table: Table) -> Iterator[Candidate]:
    """Yield the works that a table names in a column headed as such."""
    if not table.rows:
        return
    header = next((number for number, row in enumerate(table.rows[:3]) if _column(row)[0] >= 0), None)
    if header is None:
        return
    column, sure = _column(table.rows[header])
    at = table.start
    for number, row in enumerate(table.rows):
        for place, cell in enumerate(row):
            start = text.find(cell, at, table.end) if cell else -1
            if start < 0:
                continue
            at = start + len(cell)
            if place == column and number > header and _may_name(cell):
                yield from _of_cell(text, start, cell, sure, table.section)


def in_segment(text: str, segment: Segment, section: int | None) -> Iterator[Candidate]:
    """Yield the works that a sentence, or an item of a list, names."""
    item = segment.marker is not None
    if item and (verb := imperative(text, segment.start, segment.end)):
        yield _candidate(text, verb, rules.ITEM_VERB, section)
        return
    at = segment.start
    if item and (first := next(phrases(text, segment.start, segment.end, wide=True), None)) and first.first:
        yield _candidate(text, first, rules.ITEM, section)
        at = first.end
    for phrase in phrases(text, at, segment.end):
        yield _candidate(text, phrase, _of_sentence(phrase), section)


def in_text(text: str, sections: Sequence[Section], tables: Sequence[Table]) -> Iterator[Candidate]:
    """Yield all that sentences and lists name, in the order of the text; titles are left out."""
    places = SectionIndex(sections)
    titles = {section.start: section.body for section in sections}
    heads = sorted(titles)
    for segment in segments(text, tables):
        before = bisect_right(heads, segment.start) - 1
        if before < 0 or segment.start >= titles[heads[before]]:
            yield from in_segment(text, segment, places.at(segment.start))


class SectionIndex:
    """Says in which section a place is: the innermost one, for sections in the order of the text."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._sections = sections
        self._starts = [section.start for section in sections]

    def at(self, place: int) -> int | None:
        """Return the index of the section."""
        index: int | None = bisect_right(self._starts, place) - 1
        while index is not None and index >= 0:
            if place < self._sections[index].end:
                return index
            index = self._sections[index].parent
        return None


def _column(row: Sequence[str]) -> tuple[int, bool]:
    """Return the column that names works (-1: none), and whether its head says so."""
    for pattern, sure in ((_OF_WORKS, True), (_OF_ANYTHING, False)):
        for place, cell in enumerate(row):
            if pattern.search(" ".join(cell[:_CELL_LIMIT].split())):
                return place, sure
    return -1, False


def _may_name(cell: str) -> bool:
    return len(cell) <= _CELL_LIMIT and _LETTERS.search(cell) is not None and _NO_WORK.match(cell) is None


def _of_cell(text: str, start: int, cell: str, sure: bool, section: int | None) -> Iterator[Candidate]:
    known = next(phrases(text, start, start + len(cell), wide=True), None)
    known = known or imperative(text, start, start + len(cell))
    whole = Phrase(start, start + len(cell.rstrip(" .;,")), False, False, True)
    if sure:
        yield _candidate(text, whole, rules.COLUMN if known else rules.COLUMN_ONLY, section)
    elif known and known.first:
        yield _candidate(text, whole, rules.CELL, section)


def _of_sentence(phrase: Phrase) -> rules.Rule:
    if phrase.bare:
        return rules.SENTENCE_BARE
    return rules.SENTENCE if phrase.strong else rules.SENTENCE_WEAK


def _candidate(text: str, phrase: Phrase, rule: rules.Rule, section: int | None) -> Candidate:
    return Candidate(
        start=phrase.start,
        end=phrase.end,
        text=text[phrase.start : phrase.end],
        section=section,
        rule=rule.name,
        confidence=rule.confidence,
    )

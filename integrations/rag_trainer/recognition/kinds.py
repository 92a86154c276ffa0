"""What kind of document a text is: collects the evidence for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from integrations.rag_trainer.recognition.clues import CLUES, TYPES, Clue
from integrations.rag_trainer.recognition.designations import Designation, designations
from integrations.rag_trainer.recognition.folding import fold
from integrations.rag_trainer.recognition.lines import Line, lines
from integrations.rag_trainer.recognition.scoring import Evidence, Verdict, judge
from integrations.rag_trainer.results import Text

READ: Final = 100_000
"""Characters that are read: who hasn't said what they are by then, won't."""
HEAD: Final = 4_000
_TITLE_LINES: Final = 14
_LONGEST_TITLE: Final = 250
_PROSE: Final = 90
"""Characters from which on a line that begins like a title is taken for a sentence, and counts half."""
_ZERO: Final = re.compile(r"0(?=[а-я]{2})|(?<=[а-я])0(?=[а-я])")
_THREE: Final = re.compile(r"(?<![\d.,])3(?=[а-я]{3})|(?<=[а-я])3(?=[а-я])")
_MARKS: Final = re.compile(r"[#>*\s|«\"“]{0,8}")
_NAME_MARKS: Final = re.compile(r"[_\s]+")
_NOT_NORMS: Final = ("law", "tu", "tr")


class Kind(NamedTuple):
    """What a text is, and its own designation as it stands in the text."""

    verdict: Verdict
    designation: str | None


def kind_of(text: Text, name: str) -> Kind:
    """Collect what speaks for each type in a text and in its file's name, and weigh it."""
    folded = fold(text.text[:READ])
    titles = list(islice((line for line in lines(folded[:HEAD]) if not line.blank), _TITLE_LINES))
    stem = _NAME_MARKS.sub(" ", fold(PurePosixPath(name).stem))
    own = _own_designation(titles, stem)
    found = [*_from_designation(own, stem), *_from_clues(folded, titles, stem)]
    verdict = judge(found, TYPES)
    told = text.text[own.found.start : own.found.end] if own and verdict.type == "norms" else None
    return Kind(verdict, " ".join(told.split()) if told else None)


class _Own(NamedTuple):
    found: Designation
    weight: float
    alone: bool


def _own_designation(titles: list[Line], stem: str) -> _Own | None:
    """The first designation that stands where a title does; a list of several counts little."""
    named = {designation.name for designation in designations(stem)}
    at_start = [place for line in titles if (place := _at_start(line))]
    for found, alone in at_start:
        if found.name in named:
            return _Own(found, 5, alone)
    different = {found.name for found, _ in at_start}
    if not at_start:
        return None
    found, alone = at_start[0]
    first = titles[0].start <= found.start <= titles[0].end
    weight = 4.0 if alone or first else 3.0
    return _Own(found, weight if first or len(different) == 1 else 1.0, alone)


def _at_start(line: Line) -> tuple[Designation, bool] | None:
    if line.end - line.start > _LONGEST_TITLE:
        return None
    begin = _MARKS.match(line.text)
    indent = begin.end() if begin else 0
    for found in designations(line.text):
        if found.start > indent or found.family in _NOT_NORMS:
            return None
        rest = line.text[found.end :].strip(" .()|EeРр-")
        place = found._replace(start=line.start + found.start, end=line.start + found.end)
        return place, not rest
    return None


def _from_designation(own: _Own | None, stem: str) -> Iterator[Evidence]:
    if own:
        where = "stands alone on a line of the title" if own.alone else "begins a line of the title"
        yield Evidence("norms", own.found.family, own.weight, f"{own.found.name} {where}")
    for named in designations(stem):
        if named.start == 0 and named.family not in _NOT_NORMS:
            yield Evidence("norms", named.family, 2.5, f"{named.name} is the file's name")
            return


def _from_clues(folded: str, titles: list[Line], stem: str) -> Iterator[Evidence]:
    body = _repaired(folded.lower())
    starts = [_MARKS.sub("", _repaired(line.text.lower()), count=1)[:_LONGEST_TITLE] for line in titles]
    for clue in CLUES:
        if clue.where == "title":
            yield from _of_title(clue, starts, stem.lower())
        elif found := clue.pattern.search(body, 0, HEAD if clue.where == "head" else READ):
            yield Evidence(clue.type, clue.subtype, clue.weight, f'"{_told(found)}" in the text')


def _of_title(clue: Clue, starts: list[str], stem: str) -> Iterator[Evidence]:
    for number, line in enumerate(starts, start=1):
        if found := clue.pattern.match(line):
            weight = clue.weight * (0.5 if len(line) > _PROSE else 1) * (1 if number <= 5 else 0.7)
            yield Evidence(clue.type, clue.subtype, weight, f'"{_told(found)}" begins line {number}')
            break
    if found := clue.pattern.match(stem):
        yield Evidence(clue.type, clue.subtype, clue.weight / 2, f'"{_told(found)}" begins the file\'s name')


def _told(found: re.Match[str]) -> str:
    return " ".join(found.group().split())[:60]


def _repaired(lowered: str) -> str:
    """Undo what scanning does to words: `0бласть`, `3ащита`."""
    return _THREE.sub("з", _ZERO.sub("о", lowered))

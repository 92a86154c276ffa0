"""The pieces of a text that no chunk may go beyond: a section's own text, or a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from integrations.rag_trainer.results import Section, Structure


@dataclass(frozen=True, slots=True)
class Segment:
    """Text of one section without what is below it, or a table; begins and ends with something to read.

    Attributes:
        above: indices of the sections around it, from the outermost.
    """

    start: int
    end: int
    kind: Literal["text", "table"]
    above: tuple[int, ...]


def segments(text: str, structure: Structure) -> list[Segment]:
    """Part a text at the borders of sections and tables; what is blank is left out.

    A heading without text of its own goes with the first text below it: alone it would be found for its words, and
    answer nothing. Spans that don't nest, or lie outside the text, are taken as far as they can be.
    """
    sections = sorted(
        (
            (max(0, section.start), min(len(text), section.end), index)
            for index, section in enumerate(structure.sections)
        ),
        key=lambda one: (one[0], -one[1]),
    )
    tables = _apart(sorted((table.start, min(len(text), table.end)) for table in structure.tables))
    borders = sorted({0, len(text), *(at for one in (*sections, *tables) for at in one[:2] if at <= len(text))})
    found: list[Segment] = []
    open_: list[tuple[int, int, int]] = []
    next_section = next_table = 0
    for start, end in pairwise(borders):
        while next_section < len(sections) and sections[next_section][0] <= start:
            open_.append(sections[next_section])
            next_section += 1
        open_ = [one for one in open_ if one[1] > start]
        while next_table < len(tables) and tables[next_table][1] <= start:
            next_table += 1
        in_table = next_table < len(tables) and tables[next_table][0] <= start
        inner = text[start:end]
        if stripped := inner.strip():
            begin = start + inner.index(stripped[0])
            above = tuple(index for _, _, index in open_)
            found.append(Segment(begin, begin + len(stripped), "table" if in_table else "text", above))
    return _joined(found, structure.sections)


def _apart(tables: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    apart: list[tuple[int, int]] = []
    for start, end in tables:
        begin = max(start, apart[-1][1] if apart else 0)
        if begin < end:
            apart.append((begin, end))
    return apart


def _joined(found: list[Segment], sections: Sequence[Section]) -> list[Segment]:
    joined: list[Segment] = []
    for segment in found:
        last = joined[-1] if joined else None
        if last is not None and _bare(last, sections) and segment.kind == "text" and _below(segment, last):
            joined[-1] = Segment(last.start, segment.end, "text", segment.above)
        else:
            joined.append(segment)
    return joined


def _bare(segment: Segment, sections: Sequence[Section]) -> bool:
    """Whether it is a heading and nothing else."""
    return segment.kind == "text" and bool(segment.above) and segment.end <= sections[segment.above[-1]].body


def _below(segment: Segment, heading: Segment) -> bool:
    return len(segment.above) > len(heading.above) and segment.above[: len(heading.above)] == heading.above

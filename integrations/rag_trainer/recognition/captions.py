"""Tables and figures of a text by their captions, and tables that stand in plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from integrations.rag_trainer.recognition.folding import fold
from integrations.rag_trainer.recognition.lines import Line, lines
from integrations.rag_trainer.recognition.outline import section_at
from integrations.rag_trainer.results import Figure, Rows, Section, Table, Text

_NUMBER: Final = r"(?:№ ?)?(?P<number>(?:[А-ЯA-Z]\.?)?\d{1,3}(?:[.-]\d{1,3}){0,3}[а-яa-z]?)(?!\.?\d)"
_REST: Final = r"(?:[ ]?[.:-]{1,2}[ ]{0,3}(?P<title>[^\n]{0,300})|[ ]{1,3}(?P<bare>[А-ЯA-Z«\"(][^\n]{0,300})|[ ]{0,3})$"
_TABLE: Final = re.compile(rf" {{0,8}}(?:Таблица|ТАБЛИЦА|Табл\.|Table|TABLE)[ ]{{1,3}}{_NUMBER}{_REST}")
_FIGURE: Final = re.compile(rf" {{0,8}}(?:Рисунок|РИСУНОК|Рис\.|Figure|FIGURE|Fig\.)[ ]{{1,3}}{_NUMBER}{_REST}")
_COLUMNS: Final = re.compile(r" {2,}|\t")
_NEAR: Final = 2
_FEWEST: Final = 2


class Caption(NamedTuple):
    """A caption's line."""

    line: Line
    number: str
    title: str | None


def _captions(all_lines: Sequence[Line], text: str, pattern: re.Pattern[str]) -> dict[int, Caption]:
    found = {}
    for index, line in enumerate(all_lines):
        match = pattern.match(line.text)
        if match:
            group = "title" if match["title"] else "bare"
            title = (
                text[line.start + match.start(group) : line.start + match.end(group)].strip() if match[group] else ""
            )
            found[index] = Caption(line, match["number"], title or None)
    return found


def figures_of(text: Text, sections: Sequence[Section]) -> list[Figure]:
    """Return the figures' captions in their order."""
    folded = fold(text.text)
    found = list(_captions([line for line in lines(folded) if not line.blank], text.text, _FIGURE).values())
    inner = section_at(sections, [caption.line.start for caption in found])
    return [
        Figure(start=one.line.start, end=one.line.end, number=one.number, caption=one.title, section=section)
        for one, section in zip(found, inner, strict=True)
    ]


class _Found(NamedTuple):
    start: int
    end: int
    rows: Rows
    caption: Caption | None


def tables_of(text: Text) -> list[Table]:
    """Return the tables in their order, without their sections: of the format, and of plain text.

    A caption stands at most two lines above its table, or one below. A caption without a table that can be told from
    the text around it is a table without rows.
    """
    folded = fold(text.text)
    all_lines = [line for line in lines(folded) if not line.blank]
    captions = _captions(all_lines, text.text, _TABLE)
    areas = _valid(text)
    starts = {line.start: index for index, line in enumerate(all_lines)}
    found = [_Found(start, end, rows, _near(captions, starts.get(start), all_lines, end)) for start, end, rows in areas]
    found += _plain(text.text, all_lines, captions, [(start, end) for start, end, _ in areas])
    used = {one.caption.line.start for one in found if one.caption}
    found += [_Found(one.line.start, one.line.end, (), one) for one in captions.values() if one.line.start not in used]
    return [
        Table(
            start=one.start,
            end=one.end,
            number=one.caption.number if one.caption else None,
            caption=one.caption.title if one.caption else None,
            rows=one.rows,
        )
        for one in sorted(found, key=lambda one: (one.start, one.end))
    ]


def placed(tables: Sequence[Table], sections: Sequence[Section]) -> list[Table]:
    """Return the tables with the sections that they are in."""
    inner = section_at(sections, [table.start for table in tables])
    return [table.model_copy(update={"section": section}) for table, section in zip(tables, inner, strict=True)]


def _valid(text: Text) -> list[tuple[int, int, Rows]]:
    found, done = [], 0
    for table in sorted(text.tables, key=lambda span: (span.start, span.end)):
        if done <= table.start < table.end <= len(text.text):
            found.append((table.start, table.end, table.rows))
            done = table.end
    return found


def _near(captions: dict[int, Caption], first: int | None, all_lines: Sequence[Line], end: int) -> Caption | None:
    if first is None:
        return None
    for index in range(first - 1, max(-1, first - 1 - _NEAR), -1):
        if index in captions:
            return captions[index]
    after = first
    while after < len(all_lines) and all_lines[after].start < end:
        after += 1
    return captions.get(after)


def _plain(
    text: str, all_lines: Sequence[Line], captions: dict[int, Caption], areas: Sequence[tuple[int, int]]
) -> list[_Found]:
    taken = iter([*areas, (len(text) + 1, len(text) + 1)])
    area = next(taken)
    found: list[_Found] = []
    run: list[tuple[int, tuple[str, ...]]] = []
    for index, line in enumerate(all_lines):
        while area[1] <= line.start:
            area = next(taken)
        cells = () if area[0] <= line.start else _cells(line, text)
        if run and (len(cells) != len(run[0][1]) or not cells):
            found += _closed(run, all_lines, captions)
            run = []
        if cells:
            run.append((index, cells))
    return found + _closed(run, all_lines, captions)


def _closed(
    run: list[tuple[int, tuple[str, ...]]], all_lines: Sequence[Line], captions: dict[int, Caption]
) -> list[_Found]:
    if len(run) < _FEWEST:
        return []
    first, last = run[0][0], run[-1][0]
    caption = _near(captions, first, all_lines, all_lines[last].end)
    by_bars = "|" in all_lines[first].text
    if not caption and not by_bars:
        return []
    return [_Found(all_lines[first].start, all_lines[last].end, tuple(cells for _, cells in run), caption)]


def _cells(line: Line, text: str) -> tuple[str, ...]:
    as_it_stands = text[line.start : line.end].strip()
    parts = as_it_stands.strip("|").split("|") if "|" in as_it_stands else _COLUMNS.split(as_it_stands)
    return tuple(part.strip() for part in parts) if len(parts) > 1 else ()

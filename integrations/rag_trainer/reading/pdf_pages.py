"""What setting text into pages has done to it, undone: running lines, words and tables that are parted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from integrations.rag_trainer.reading.cleaning import clean
from integrations.rag_trainer.reading.ruled import Ruled

TABLE: Final = "\ufdd0"
"""Begins the line that stands for a table; it is no character of any text."""

_CONTINUED: Final = re.compile(
    r"(?:продолжение|окончание) (?:таблицы|табл\.)[^\n]{0,80}"
    r"|table [^\n]{0,80}\(?(?:continued|cont\.|concluded)\)?|\(?continued\)?",
    re.I,
)
_CAPTION: Final = re.compile(r"(?:таблица|рисунок|рис\.|table|figure|fig\.) ?[\w.]{1,10}(?: ?[-–—.:]|$)", re.I)
_PAGE_NUMBER: Final = re.compile(r"[-–— ]{0,4}\d{1,4}[-–— ]{0,4}")
_HEAD: Final = 4
"""Rows at a table's begin that may be there again where it goes on."""
_SAME_PLACE: Final = 4.0
"""Points by which a column may stand elsewhere on the next page."""
_EDGE: Final = 2
"""Lines at the top and at the bottom of a page that may be running ones."""
_FEWEST: Final = 3
_SHARE: Final = 0.4
"""Left and right pages may differ, so a line that is on half of the pages runs."""
_LONGEST: Final = 200
_NUMBER: Final = re.compile(r"\d{1,9}")
_PARTED: Final = re.compile(r"([^\W\d_]{2,40})[-\u2010]$")
_REST: Final = re.compile(r"([a-zа-яё]{2,40})([^\s]{0,20}) ?(.*)$")
_HYPHENATED: Final = re.compile(r"\b[^\W\d_]{2,40}-[^\W\d_]{2,40}")


def without_running_lines(pages: Sequence[Sequence[str]]) -> tuple[list[list[str]], dict[str, int]]:
    """Leave out lines that stand at the top or bottom of at least 3 pages, and of 40 % of all; numbers in them may
    differ, as those of pages do.

    Returns:
        The cleaned lines of each page, and on how many pages each line was, by how it stood there first.
    """
    cleaned = [clean("\n".join(page)).split("\n") for page in pages]
    seen: Counter[str] = Counter()
    first: dict[str, str] = {}
    for lines in cleaned:
        edges = {_key(lines[place]): lines[place] for place in _edges(lines)}
        seen.update(edges.keys())
        for key, line in edges.items():
            first.setdefault(key, line)
    least = max(_FEWEST, _SHARE * len(cleaned))
    running = {key for key, count in seen.items() if count >= least}
    kept = []
    for lines in cleaned:
        dropped = {place for place in _edges(lines) if _key(lines[place]) in running}
        kept.append([line for place, line in enumerate(lines) if place not in dropped])
    return kept, {first[key]: seen[key] for key in first if key in running}


def joined(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Join words that are parted at the end of a line; the rest of the word moves up to its begin.

    The hyphen stays where the document has the word with it elsewhere, as `строительно-монтажный`.
    """
    hyphenated = {word.casefold() for page in pages for line in page for word in _HYPHENATED.findall(line)}
    return [_joined(page, hyphenated) for page in pages]


def rejoined(pages: Sequence[Sequence[str]], tables: Mapping[str, Ruled]) -> list[list[str]]:
    """Add a table that begins a page to the one that ends the page before, if their columns stand at the same places;
    then a head that is repeated there, and a line such as `Table 2 (continued)`, are left out.

    Args:
        tables: by the lines that stand for them.
    """
    out: list[list[str]] = []
    above: Ruled | None = None
    for number, lines in enumerate(pages, start=1):
        filled = [line for line in lines if line]
        head = 1 if filled and _CONTINUED.fullmatch(filled[0]) else 0
        below = tables.get(filled[head]) if len(filled) > head else None
        if above and below and _alike(above, below):
            above.pages[len(above.rows)] = number
            above.rows += _without_head(below.rows, above.rows[:_HEAD])
            filled = filled[head + 1 :]
            out.append(filled)
        else:
            out.append(list(lines))
        last = next((line for line in reversed(filled) if not _PAGE_NUMBER.fullmatch(line)), None)
        above = tables.get(last) if last else above
    return out


def _alike(above: Ruled, below: Ruled) -> bool:
    return len(above.columns) == len(below.columns) and all(
        abs(one - other) <= _SAME_PLACE for one, other in zip(above.columns, below.columns, strict=True)
    )


def _without_head(rows: list[list[str]], head: list[list[str]]) -> list[list[str]]:
    start = 0
    while start < len(rows) and rows[start] in head:
        start += 1
    return rows[start:]


def _joined(lines: Sequence[str], hyphenated: set[str]) -> list[str]:
    out: list[str] = []
    for line in lines:
        parted = _PARTED.search(out[-1][-_LONGEST:]) if out else None
        rest = _REST.match(line.lstrip()) if parted else None
        if parted is None or rest is None:
            out.append(line)
            continue
        hyphen = "-" if f"{parted[1]}-{rest[1]}".casefold() in hyphenated else ""
        out[-1] = out[-1][:-1] + hyphen + rest[1] + rest[2]
        if rest[3]:
            out.append(rest[3])
    return out


def _edges(lines: Sequence[str]) -> list[int]:
    """Places of the lines at the top and bottom that aren't empty."""
    filled = [place for place in range(min(len(lines), 4)) if _is_text(lines[place])][:_EDGE]
    last = [place for place in range(len(lines) - 1, max(-1, len(lines) - 5), -1) if _is_text(lines[place])][:_EDGE]
    return sorted({place for place in (*filled, *last) if len(lines[place]) <= _LONGEST})


def _is_text(line: str) -> bool:
    """Whether it may be a running line: a table isn't one, nor a caption, though one may stand on top of each page."""
    return bool(line) and not line.startswith(TABLE) and _CAPTION.match(line) is None


def _key(line: str) -> str:
    return _NUMBER.sub("#", line).casefold()

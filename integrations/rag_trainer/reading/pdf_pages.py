"""What setting text into pages has done to it, undone: running lines, and words parted at the ends of lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from integrations.rag_trainer.reading.cleaning import clean

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
    filled = [place for place in range(min(len(lines), 4)) if lines[place]][:_EDGE]
    last = [place for place in range(len(lines) - 1, max(-1, len(lines) - 5), -1) if lines[place]][:_EDGE]
    return sorted({place for place in (*filled, *last) if len(lines[place]) <= _LONGEST})


def _key(line: str) -> str:
    return _NUMBER.sub("#", line).casefold()

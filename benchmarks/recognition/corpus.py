"""The labelled texts in `corpus/`. They are invented; no rule was looked up in them while it was written, but where the
page with the figures says so.

`types.txt`: a text for each `=== label | file name`. `metadata.txt` and `outlines.txt`: a text for each `=== name`,
then `---`, then one golden line for each value or heading. `works.json`: texts with the works that they name.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "corpus"
_LOST: Final = (0, 1, 2, 3)
"""Lines at the begin that a damaged document has lost, its title among them."""


class WrongLabel(ValueError):
    """A labelled file isn't written as it should be; says which and where."""


@dataclass(frozen=True, slots=True)
class LabelledType:
    """A document, its file's name, and its type."""

    label: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class LabelledLines:
    """A text, and the golden lines of what is in it, each as often as it is there."""

    name: str
    text: str
    golden: Counter[str]


@dataclass(frozen=True, slots=True)
class LabelledWorks:
    """A text, and the works that it names."""

    language: str
    text: str
    works: Sequence[str]


def types() -> list[LabelledType]:
    """Read the documents of known types."""
    found = []
    for head, text in _parts("types.txt"):
        label, bar, name = (part.strip() for part in head.partition("|"))
        if not (label and bar and name):
            raise WrongLabel(f"types.txt: expected `=== label | file name`, got {head!r}")
        found.append(LabelledType(label, name, text))
    return found


def damaged(documents: Sequence[LabelledType]) -> list[LabelledType]:
    """Return each document whole, and without its first one, two and three lines, under a name that says nothing."""
    found = []
    for one in documents:
        lines = one.text.split("\n")
        texts = ("\n".join(lines[lost:]).strip() for lost in _LOST)
        found += [LabelledType(one.label, "x.txt", text) for text in texts if text]
    return found


def values() -> list[LabelledLines]:
    """Read the texts with dates, sums, quantities, materials, references and organisations."""
    return [_lines("metadata.txt", head, body) for head, body in _parts("metadata.txt")]


def outlines() -> list[LabelledLines]:
    """Read the texts with headings; a golden line is `level number title`, `-` for no number."""
    return [_lines("outlines.txt", head, body) for head, body in _parts("outlines.txt")]


def works() -> list[LabelledWorks]:
    """Read the texts with works."""
    told = json.loads((FOLDER / "works.json").read_text(encoding="utf-8"))
    return [LabelledWorks(one["language"], one["text"], tuple(one["works"])) for one in told]


def _parts(file: str) -> list[tuple[str, str]]:
    parts = (FOLDER / file).read_text(encoding="utf-8").split("=== ")[1:]
    return [(head.strip(), body) for head, _, body in (part.partition("\n") for part in parts)]


def _lines(file: str, name: str, body: str) -> LabelledLines:
    text, mark, golden = body.partition("---\n")
    if not mark:
        raise WrongLabel(f"{file}, {name}: expected a line --- between the text and what is in it")
    return LabelledLines(name, text, Counter(line for line in golden.split("\n") if line.strip()))

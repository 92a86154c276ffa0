"""The labelled set: documents written for it, questions, and which clauses answer them.

Labels name a document and a clause, so they don't depend on how a document is cut into chunks. A clause begins with its
number at the begin of a line and ends before the next numbered line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, get_args

Half = Literal["tuning", "held-out"]
Kind = Literal["plain", "paraphrase", "number", "typo"]

FOLDER: Final = Path(__file__).parent
CORPUS: Final = FOLDER / "corpus"
_NUMBERED: Final = re.compile(r"^(\d+(?:\.\d+)*) ", re.MULTILINE)
_LANGUAGES: Final = ("ru", "en")


class WrongLabel(ValueError):
    """The labelled set contradicts itself; says the file and the line."""


@dataclass(frozen=True)
class Paper:
    """A document of the set; `name` is its file's, and so its name in a library."""

    name: str
    text: str

    @cached_property
    def clauses(self) -> dict[str, tuple[int, int]]:
        """Where each clause stands (start and end of characters), by its number; headings of sections are none."""
        starts = list(_NUMBERED.finditer(self.text))
        ends = [found.start() for found in starts[1:]] + [len(self.text)]
        spans = ((found[1], found.start(), end) for found, end in zip(starts, ends, strict=True))
        return {
            number: (start, start + len(self.text[start:end].rstrip())) for number, start, end in spans if "." in number
        }


@dataclass(frozen=True, slots=True)
class Label:
    """A clause and how well it answers: 2 it does, 1 it belongs to the matter."""

    document: str
    start: int
    end: int
    grade: int


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question with all clauses that answer it.

    Attributes:
        kind: `plain` words of the text, `paraphrase` (hardly any shared word), `number` (of a clause), `typo`
            (misspelt or otherwise inflected).
    """

    text: str
    language: str
    kind: Kind
    labels: tuple[Label, ...]


def papers(folder: Path = CORPUS) -> dict[str, Paper]:
    """Read the documents, by their names."""
    return {file.name: Paper(file.name, file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.txt"))}


def questions(half: Half, known: dict[str, Paper], folder: Path = FOLDER) -> list[LabelledQuestion]:
    """Read the questions of a half.

    Raises:
        WrongLabel: a line isn't as it should be, or a label names a document or clause that isn't there.
    """
    file = folder / f"questions-{half}.tsv"
    lines = file.read_text(encoding="utf-8").splitlines()
    return [_question(line, known, f"{file.name}, line {number}") for number, line in enumerate(lines, start=1)]


def _question(line: str, known: dict[str, Paper], place: str) -> LabelledQuestion:
    fields = line.split("\t")
    if len(fields) != 4 or fields[0] not in _LANGUAGES or fields[1] not in get_args(Kind) or not fields[2].strip():
        raise WrongLabel(f"{place}: expected language, kind, question, labels with tabs between, got {line!r}")
    labels = tuple(_label(text, known, place) for text in fields[3].split())
    if not any(label.grade == 2 for label in labels):
        raise WrongLabel(f"{place}: expected a clause of grade 2, which answers the question; there is none")
    kind: Kind = fields[1]  # type: ignore[assignment]
    return LabelledQuestion(fields[2], fields[0], kind, labels)


def _label(text: str, known: dict[str, Paper], place: str) -> Label:
    found = re.fullmatch(r"([\w-]+)#([\d.]+)=([12])", text)
    if not found:
        raise WrongLabel(f"{place}: expected DOCUMENT#CLAUSE=1 or =2, got {text!r}")
    paper = known.get(f"{found[1]}.txt")
    if paper is None or found[2] not in paper.clauses:
        raise WrongLabel(f"{place}: {found[1]} has no clause {found[2]}")
    return Label(paper.name, *paper.clauses[found[2]], int(found[3]))

"""The labelled set: memories of one agent, and questions with the memories that answer them. All are made up.

Both files have columns with tabs between. `memories.tsv`: a name, and the text. `questions.tsv`: the question's
language, the question, and the names of what answers it: at least one, in whatever language it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Question:
    """A question.

    Attributes:
        language: `en`, `ru` or `zh`.
        answers: names of memories.
    """

    language: str
    text: str
    answers: frozenset[str]


@cache
def memories() -> dict[str, str]:
    """Return the memories' texts by their names."""
    return {row[0]: row[1] for row in _rows("memories.tsv")}


@cache
def questions() -> tuple[Question, ...]:
    """Return the questions."""
    return tuple(Question(row[0], row[1], frozenset(row[2:])) for row in _rows("questions.tsv"))


def _rows(name: str) -> list[list[str]]:
    text = files("benchmarks.agent_memory").joinpath(name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()]

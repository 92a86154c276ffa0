"""What graph stores refuse."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.graphs.checks import check
from integrations.rag_trainer.results import Dependency, Markup, Sequences, Work

WORK = Work(id="w1", name="Снос", start=0, end=4)
NOTHING = Sequences(log="", sequences=())


def markup(*works: Work, after: str = "w1") -> Markup:
    edge = Dependency(before="w1", after=after, rule="x")
    return Markup(log="", works=works, dependencies=(edge,), entities=(), mermaid="")


def test_works_that_are_there_and_those_that_arent() -> None:
    """Ids twice, and ids of no work, are named."""
    check(NOTHING, markup(WORK))
    with pytest.raises(ValueError, match="2 works with 1 ids"):
        check(NOTHING, markup(WORK, WORK))
    with pytest.raises(ValueError, match="1 unknown ids, the first: 'w9'"):
        check(NOTHING, markup(WORK, after="w9"))

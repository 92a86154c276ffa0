"""From candidates to works."""

from __future__ import annotations

from integrations.rag_trainer.results import Candidate
from integrations.rag_trainer.works.marking import works_of


def candidate(text: str, start: int, confidence: float) -> Candidate:
    return Candidate(text=text, start=start, end=start + len(text), rule="x", confidence=confidence)


def test_a_work_that_is_named_twice_is_one() -> None:
    """It has the name and place of the surest candidate; ids follow the text; all places are kept."""
    found = [candidate("монтажа колонн", 0, 0.6), candidate("Снос", 20, 0.5), candidate("Монтаж колонн", 40, 0.9)]
    works, mentions = works_of(found, 10)
    assert [(work.id, work.name, work.start, work.confidence) for work in works] == [
        ("w1", "Снос", 20, 0.5),
        ("w2", "Монтаж колонн", 40, 0.9),
    ]
    assert [(mention.start, mention.work) for mention in mentions] == [(0, "w2"), (20, "w1"), (40, "w2")]


def test_not_more_works_than_allowed() -> None:
    """Those that come first."""
    works, mentions = works_of([candidate(f"Снос {n}", n * 10, 0.5) for n in range(5)], 2)
    assert len(works) == len(mentions) == 2

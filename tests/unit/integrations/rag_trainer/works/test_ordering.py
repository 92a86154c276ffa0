"""Sequences in an order in which they can be done."""

from __future__ import annotations

import random

from integrations.rag_trainer.results import Dependency, Work
from integrations.rag_trainer.works.ordering import sequences_of


def works(count: int) -> list[Work]:
    return [Work(id=f"w{n}", name=f"Work {n}", start=n, end=n + 1, confidence=n / 100) for n in range(1, count + 1)]


def edge(before: int, after: int) -> Dependency:
    return Dependency(before=f"w{before}", after=f"w{after}", rule="x")


def test_every_work_comes_after_those_that_it_depends_on() -> None:
    """In a thousand random graphs; each joined work is in exactly one sequence."""
    chance = random.Random(7)
    for _ in range(300):
        edges = [edge(*sorted(chance.sample(range(1, 13), 2), key=lambda n: (n * 5) % 13)) for _ in range(9)]
        made = sequences_of(works(12), edges, {})
        steps = [step for sequence in made for step in sequence.steps]
        assert sorted(step.work for step in steps) == sorted({w for e in edges for w in (e.before, e.after)})
        for sequence in made:
            order = {step.work: step.order for step in sequence.steps}
            assert sorted(order.values()) == list(range(1, len(order) + 1))
            assert all(order[before] < step.order for step in sequence.steps for before in step.depends_on)
            assert {(b, s.work) for s in sequence.steps for b in s.depends_on} == {
                (e.before, e.after) for e in edges if e.after in order
            }


def test_priority_quality_and_durations() -> None:
    """Works that wait, mean confidence, and days where they are told; most waiting works first."""
    first, second = sequences_of(works(6), [edge(1, 2), edge(3, 4), edge(4, 5)], {"w4": 2.5})
    assert (first.name, first.priority, first.quality) == ("Work 3 → Work 5", 2, 0.04)
    assert [step.duration_days for step in first.steps] == [None, 2.5, None]
    assert (second.priority, [step.depends_on for step in second.steps]) == (1, [(), ("w1",)])


def test_works_that_nothing_joins_are_in_none() -> None:
    """There is no order to tell."""
    assert sequences_of(works(3), [], {}) == ()

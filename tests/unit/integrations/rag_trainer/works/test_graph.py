"""A graph without cycles."""

from __future__ import annotations

import random
import time
from graphlib import TopologicalSorter

from integrations.rag_trainer.works.graph import without_cycles
from integrations.rag_trainer.works.relations import Relation


def edge(before: str, after: str, confidence: float = 0.9, start: int = 0) -> Relation:
    return Relation(before, after, "after_ru", start, start + 1, confidence)


def test_the_least_sure_of_a_cycle_is_dropped() -> None:
    """Wherever it stands in the text."""
    edges = [edge("a", "b", 0.5), edge("b", "c", 0.9, 1), edge("c", "a", 0.9, 2), edge("c", "d", 0.1, 3)]
    graph = without_cycles(edges)
    assert graph.dropped == (edges[0],)
    assert graph.kept == tuple(edges[1:])


def test_a_work_before_itself_is_dropped_and_the_same_twice_is_one() -> None:
    """Of the same, the surest."""
    graph = without_cycles([edge("a", "a"), edge("a", "b", 0.5), edge("a", "b", 0.8, 5)])
    assert graph.dropped == (edge("a", "a"),)
    assert graph.kept == (edge("a", "b", 0.8, 5),)


def test_no_cycle_is_left_in_any_graph_and_nothing_is_dropped_in_vain() -> None:
    """A thousand random graphs: what is kept has an order, and each dropped one would close a cycle."""
    chance = random.Random(5)
    for _ in range(1_000):
        edges = [edge(chance.choice("abcdef"), chance.choice("abcdef"), chance.random(), n) for n in range(10)]
        graph = without_cycles(edges)
        for closing in (None, *graph.dropped):
            sorter = TopologicalSorter[str]()
            for each in (*graph.kept, *([closing] if closing else [])):
                sorter.add(each.after, each.before)
            try:
                tuple(sorter.static_order())
                acyclic = True
            except ValueError:
                acyclic = False
            assert acyclic == (closing is None)


def test_one_great_cycle_is_done_in_time() -> None:
    """2,000 works in a ring, with an edge against each."""
    ring = [edge(str(n), str((n + 1) % 2_000), 0.9, n) for n in range(2_000)]
    back = [edge(str((n + 1) % 2_000), str(n), 0.5, n) for n in range(2_000)]
    before = time.process_time()
    graph = without_cycles(ring + back)
    assert len(graph.dropped) == 2_000  # all but one against the ring, and the one that closes it
    assert time.process_time() - before < 8

"""Stage 7."""

from __future__ import annotations

import time
from graphlib import TopologicalSorter

from integrations.rag_trainer.results import Markup
from integrations.rag_trainer.stages.markup import WorkMarkup
from tests.rag_works import marked

CYCLE = "Монтаж ферм ведут после сварки балок.\nСварку балок ведут после окраски стен.\n"
CYCLE += "Окраску стен ведут после монтажа ферм.\n"


def test_the_graph_has_no_cycle_and_what_was_dropped_is_told() -> None:
    """A document that contradicts itself loses the edge that closes the circle, and says so."""
    markup = marked(CYCLE)[Markup]
    assert (len(markup.works), len(markup.dependencies), len(markup.dropped)) == (3, 2, 1)
    assert markup.log == "3 works, 2 dependencies, 0 named things; 1 dependencies would close a cycle and are dropped"
    sorter = TopologicalSorter[str]()
    for edge in markup.dependencies:
        sorter.add(edge.after, edge.before)
    assert len(tuple(sorter.static_order())) == 3


def test_the_evidence_is_the_sentence() -> None:
    """Its span is exact, and the rule that read it has a name."""
    edge = marked(CYCLE)[Markup].dependencies[0]
    assert edge.evidence is not None
    assert CYCLE[edge.evidence.start : edge.evidence.end] == "Монтаж ферм ведут после сварки балок"
    assert edge.rule == "after_ru"


def test_bounds() -> None:
    """Of works, dependencies and named things, at most as many as allowed."""
    draft = marked(CYCLE + "Прораб. Песок. Щебень.")
    markup = WorkMarkup(works=2, dependencies=1, entities=1).run(draft)
    assert (len(markup.works), len(markup.dependencies), len(markup.entities)) == (2, 1, 1)
    assert "w1 --> w2" in markup.mermaid or "w2 --> w1" in markup.mermaid
    assert markup.log.endswith("; 1 more works were over the limit; what is named after the first 1 things is left out")
    assert (
        WorkMarkup(dependencies=1).run(draft).log.endswith("; what is said after the first 1 dependencies is left out")
    )
    assert "limit" not in draft[Markup].log


def test_ten_thousand_works_are_done_in_time() -> None:
    """Each after another, the last before the first, and others against them: acyclic, in less than 20 s of the
    processor."""
    names = [f"монтаж {'абвгдежзиклмнопр'[n % 16]}{n:05}" for n in range(10_000)]
    text = "\n".join(f"После {names[n - 1].replace('монтаж', 'монтажа')} выполняют {names[n]}." for n in range(10_000))
    text += "\n" + "\n".join(
        f"Перед {names[n].replace('монтаж', 'монтажом')} выполняют {names[n + 7]}." for n in range(0, 5_000, 5)
    )
    draft = marked(text)
    before = time.process_time()
    markup = WorkMarkup(works=10_000, dependencies=12_000).run(draft)
    assert time.process_time() - before < 20
    assert len(markup.works) == 10_000
    assert len(markup.dropped) >= 1
    sorter = TopologicalSorter[str]()
    for edge in markup.dependencies:
        sorter.add(edge.after, edge.before)
    assert len(tuple(sorter.static_order())) >= 9_000


def test_the_same_draft_gives_the_same_bytes() -> None:
    """No order depends on hashes."""
    assert marked(CYCLE)[Markup].model_dump_json() == marked(CYCLE)[Markup].model_dump_json()

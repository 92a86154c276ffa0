"""How well memories are found: the thresholds that a change may not go below."""

from __future__ import annotations

import pytest

from agents.memory.measures import Measures
from agents.memory.options import MemoryOptions
from agents.memory.pgvector import PgVectorIndex
from agents.memory.vectors import Vectors
from agents.memory.worker import MemoryWorker
from agents.store.database import Database
from benchmarks.agent_memory.labelled import Question
from benchmarks.agent_memory.quality import measure, score
from hub.adapters.agents.embedding import embedder_loader
from hub.sections.agents_memory import EmbeddingSection
from tests.agents_kit import agents_dsn, agents_template, store
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres", "store"]


def test_the_figures_are_what_they_are_called() -> None:
    """Recall counts all that answers, MRR the first."""
    rankings = [
        (Question("en", "a", frozenset("xy")), list("axbcdy")),
        (Question("en", "b", frozenset("z")), list("abc")),
    ]
    found = score("words", "en", rankings)
    assert (found.recall, found.mrr, found.questions) == (0.25, 0.25, 2)


async def test_both_together_find_more_than_either_alone(store: Database) -> None:
    """With the local model, on the labelled set: fused and re-ranked isn't worse than meaning alone or words alone, in
    no figure and no language, and not worse than it was."""
    load = embedder_loader(EmbeddingSection(provider="local"))
    assert load is not None
    measures, options = Measures(), MemoryOptions(patience=60.0)
    vectors = Vectors(load, lambda model: PgVectorIndex(store, model.model, model.dimensions), measures, 60.0)
    await vectors.pair()
    rows = await measure(store, vectors, MemoryWorker(store, vectors, options, measures))
    await vectors.close()
    figures = {(row.way, row.language): row for row in rows}
    for way in ("hybrid", "re-ranked"):
        for language in ("en", "ru", "zh", "all"):
            for alone in ("meaning", "words"):
                ours, other = figures[way, language], figures[alone, language]
                assert ours.recall >= other.recall - 1e-9, (way, language, alone)
                assert ours.mrr >= other.mrr - 1e-9, (way, language, alone)
    best = figures["re-ranked", "all"]
    assert best.recall >= 0.95
    assert best.mrr >= 0.92
    assert figures["words", "all"].recall == pytest.approx(0.66, abs=0.05)

"""What the retrieval is worth, with the real model, on the questions that nothing was tuned on."""

from __future__ import annotations

import time
from statistics import fmean

import pytest

from benchmarks.retrieval.corpus import Paper, papers, questions
from benchmarks.retrieval.measuring import GROUPS, SYSTEMS, judge, measure
from benchmarks.retrieval.memory_index import MemoryIndex
from integrations.rag_trainer.embedding.factory import make_embedder
from integrations.rag_trainer.options import EmbeddingOptions
from integrations.rag_trainer.retrieval.searcher import Searcher


@pytest.mark.timeout(180)
def test_hybrid_with_reranking_is_not_below_bm25_on_held_out_questions() -> None:
    """And its recall@5 keeps a floor, below the lower end of what was measured for it."""
    known = papers()
    embedder = make_embedder(EmbeddingOptions())
    index = MemoryIndex(known, embedder)
    searcher = Searcher(index, index, embedder, time.perf_counter)
    asked = questions("held-out", known)
    words = [judge(searcher, one, "lexical", False) for one in asked]
    both = [judge(searcher, one, "hybrid", True) for one in asked]
    assert fmean(gained for _, gained in both) >= fmean(gained for _, gained in words)
    assert fmean(recalled for recalled, _ in both) >= FLOOR


FLOOR = 0.84


def test_each_system_has_a_row_for_each_group_that_has_questions() -> None:
    """Without vectors the dense search finds nothing, and hybrid is the search by words."""
    known = {name: Paper(name, paper.text) for name, paper in papers().items() if name in ("sp-948-organisation",)}
    asked = [one for one in questions("held-out", papers()) if all(label.paper in known for label in one.labels)]
    index = MemoryIndex(known, None)
    rows = measure(Searcher(index, None, None, time.perf_counter), asked)
    groups = {name for name, belongs in GROUPS.items() if any(map(belongs, asked))}
    assert {(row.system, row.group) for row in rows} == {(system, group) for system in SYSTEMS for group in groups}
    means = {row.system: row.ndcg.mean for row in rows if row.group == "all"}
    assert means["dense"] == 0.0
    assert means["hybrid"] >= means["BM25"] > 0.5

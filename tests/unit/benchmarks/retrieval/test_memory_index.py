"""The index that the measurement stands on."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.retrieval.corpus import Paper
from benchmarks.retrieval.memory_index import MemoryIndex, embedded
from integrations.rag_trainer.ports import Filter

PAPERS = {
    "a": Paper("a", "SP 1\n\nCode\n\nWalls\n\n5 Bricks\n\n5.1 Joint joint mortar.\n\n5.2 Mortar sand.\n"),
    "b": Paper("b", "SP 2\n\nCode\n\nRoofs\n\n1 Felt\n\n1.1 Overlap of felt.\n"),
}


def test_bm25_by_hand() -> None:
    """One of three chunks has the word, twice; its length is known from its terms."""
    index = MemoryIndex(PAPERS, None)
    (hit,) = index.matching(["joint", "absent"], 10)
    # Title, heading and text: sp 1 code walls / 5 bricks / 5.1 joint joint mortar = 10; 5.2: 9; 1.1: 4 + 2 + 4 = 10.
    norm = 1 - 0.75 + 0.75 * 10 / ((10 + 9 + 10) / 3)
    assert hit.score == pytest.approx(math.log(1 + (3 - 1 + 0.5) / 1.5) * 2 * 2.2 / (2 + 1.2 * norm))
    assert index.chunks([hit.id])[0].chunk.text == "5.1 Joint joint mortar."


def test_filters_and_bounds() -> None:
    """Only within the filter, and at most k."""
    index = MemoryIndex(PAPERS, None)
    assert len(index.matching(["sp"], 2)) == 2
    found = index.chunks([hit.id for hit in index.matching(["sp"], 10, Filter(names=("b",)))])
    assert [one.document.name for one in found] == ["b"]
    assert index.nearest(np.zeros(3, np.float32), 5) == []


def test_a_chunk_is_a_clause_with_its_place() -> None:
    """With title, designation and heading."""
    index = MemoryIndex(PAPERS, None)
    (one,) = index.chunks([index.matching(["sand"], 1)[0].id])
    assert PAPERS["a"].text[one.chunk.start : one.chunk.end] == one.chunk.text
    assert embedded(one) == "SP 1. Code Walls\n5 Bricks\n5.2 Mortar sand."
    assert (one.document.designation, index.count(), [paper.name for paper in index.documents()]) == (
        "SP 1",
        3,
        ["a", "b"],
    )

"""Reciprocal rank fusion."""

from __future__ import annotations

import pytest

from integrations.rag_trainer.retrieval.fusion import fuse


def test_sums_by_hand() -> None:
    """b is second and first, a first only, c third and second."""
    found = fuse([["a", "b", "c"], ["b", "c"]])
    assert [hit.id for hit in found] == ["b", "c", "a"]
    assert [hit.score for hit in found] == pytest.approx([1 / 62 + 1 / 61, 1 / 63 + 1 / 62, 1 / 61])


def test_ties_go_by_id_whatever_the_order_of_rankings() -> None:
    """The same rankings in another order are the same answer."""
    assert fuse([["b", "a"], ["a", "b"]]) == fuse([["a", "b"], ["b", "a"]])
    assert [hit.id for hit in fuse([["b"], ["a"]])] == ["a", "b"]


def test_an_id_counts_once_in_a_ranking() -> None:
    """Where it stands first; what comes after moves up."""
    assert fuse([["a", "a", "b"]]) == fuse([["a", "b"]])


def test_nothing_gives_nothing() -> None:
    """Also a ranking that is empty."""
    assert fuse([]) == fuse([[]]) == []

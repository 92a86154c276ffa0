"""What is this store's own; what every store promises is in tests/contract/test_rag_vector_store.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.vectors.embedded import EmbeddedVectors, best
from tests.rag_index import chunks_of, document

RIGHT = np.array([1, 0], np.float32)


def test_changes_of_another_process_are_seen(tmp_path: Path) -> None:
    """At the next question: new documents, replaced ones, and such as are gone."""
    here, there = SqliteLibrary(tmp_path / "l"), SqliteLibrary(tmp_path / "l")
    store = EmbeddedVectors(here)
    assert store.nearest(RIGHT, 5) == []
    for hash_, expected in (("h1", 1), ("h2", 1), ("h3", 1)):
        there.put(document("a", 1, hash_), chunks_of(hash_, ["x"], [[1, 0]]))
        assert [hit.id for hit in store.nearest(RIGHT, 5)] == [chunks_of(hash_, ["x"], [[1, 0]]).chunks[0].id]
        assert store.count() == expected
    there.put(document("b", 1, "h4"), chunks_of("h4", ["x"], [[0, 1]]))
    assert len(store.nearest(RIGHT, 5)) == 2
    there.remove("a")
    assert [round(hit.score) for hit in store.nearest(RIGHT, 5)] == [0]
    with pytest.raises(ValueError, match="expected a question of 2 dimensions, as m makes, got 3"):
        store.nearest(np.ones(3, np.float32), 5)
    here.close()
    there.close()


def test_of_equal_scores_the_smaller_id_comes_first() -> None:
    """Also at the edge of what is returned."""
    scores = np.array([0.5, 1, 0.5, 0.5], np.float32)
    assert [hit.id for hit in best(["d", "z", "b", "c"], scores, 3)] == ["z", "b", "c"]

"""What every `VectorStore` of the trainer promises, on each: in the library, FAISS, pgvector in a real PostgreSQL, and
Qdrant (the client's local mode; no server can be had for tests)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from qdrant_client import QdrantClient

from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.ports import EVERYWHERE, Document, Filter, VectorStore, WrongModel
from integrations.rag_trainer.results import Chunks
from integrations.rag_trainer.vectors.embedded import EmbeddedVectors
from integrations.rag_trainer.vectors.faiss import FaissVectors
from integrations.rag_trainer.vectors.pgvector import PgVectors
from integrations.rag_trainer.vectors.qdrant import QdrantVectors
from tests.postgres_server import database, postgres
from tests.rag_index import chunks_of, document

__all__ = ["database", "postgres"]


@dataclass
class World:
    """A store and the library beside it, written as stage 14 does: the store first."""

    store: VectorStore
    library: SqliteLibrary

    def put(self, one: Document, chunks: Chunks) -> int:
        gone = self.store.replace(one, chunks)
        self.library.put(one, chunks)
        return gone

    def remove(self, name: str) -> int:
        gone = self.store.remove(name)
        self.library.remove(name)
        return gone

    def found(self, x: float, y: float, k: int = 10, filter: Filter = EVERYWHERE) -> list[str]:
        vector = np.array([x, y], np.float32) / np.float32(np.hypot(x, y))
        hits = self.store.nearest(vector, k, filter)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        return [one.chunk.text for one in self.library.chunks([hit.id for hit in hits])]


@pytest.fixture(params=["embedded", "faiss", "pgvector", "qdrant"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    library = SqliteLibrary(tmp_path / "library.sqlite")
    store: VectorStore
    if request.param == "embedded":
        store = EmbeddedVectors(library)
    elif request.param == "faiss":
        store = FaissVectors(tmp_path / "index.faiss", library)
    elif request.param == "pgvector":
        store = PgVectors(request.getfixturevalue("database"))
    else:
        store = QdrantVectors(QdrantClient(":memory:"), "docs", server=False)
    assert store.name == request.param
    yield World(store, library)
    store.close()
    library.close()


def test_the_nearest_come_first(world: World) -> None:
    """With the cosine for a score, and no more than were asked for."""
    assert world.found(1, 0) == []
    assert world.store.count() == 0
    world.put(document("a", 3, "h"), chunks_of("h", ["right", "middle", "up"], [[1, 0], [1, 1], [0, 1]]))
    assert world.found(1, 0) == ["right", "middle", "up"]
    assert world.found(0, 1, k=2) == ["up", "middle"]
    assert world.found(1, 0, k=0) == []
    hits = world.store.nearest(np.array([1, 0], np.float32), 3)
    assert [hit.score for hit in hits] == pytest.approx([1, 0.7071, 0], abs=1e-3)


def test_the_same_document_twice_is_there_once(world: World) -> None:
    """Doing it again changes nothing, and nothing is gone."""
    for _ in range(2):
        assert world.put(document("a", 2, "h1"), chunks_of("h1", ["x", "y"], [[1, 0], [0, 1]])) == 0
        assert world.store.count() == 2
    assert world.found(1, 0) == ["x", "y"]


def test_a_changed_document_replaces_its_own_points_only(world: World) -> None:
    """Two documents: both are found, before and after."""
    world.put(document("a", 2, "h1"), chunks_of("h1", ["old 1", "old 2"], [[1, 0], [0, 1]]))
    world.put(document("b", 1, "h2"), chunks_of("h2", ["other"], [[1, 1]]))
    assert sorted(world.found(1, 0)) == ["old 1", "old 2", "other"]
    assert world.put(document("a", 1, "h3"), chunks_of("h3", ["new"], [[1, 0]])) == 2
    assert world.store.count() == 2
    assert world.found(1, 0) == ["new", "other"]


def test_a_removed_document_is_gone(world: World) -> None:
    """And only that one; there is nothing to remove a second time."""
    assert world.remove("a") == 0
    world.put(document("a", 2, "h1"), chunks_of("h1", ["x", "y"], [[1, 0], [0, 1]]))
    world.put(document("b", 1, "h2"), chunks_of("h2", ["other"], [[1, 1]]))
    assert world.remove("a") == 2
    assert world.remove("a") == 0
    assert world.found(1, 0) == ["other"]


def test_a_filter_narrows(world: World) -> None:
    """By each field, and by several; also where the nearest of all are elsewhere."""
    world.put(document("a", 20, "h1"), chunks_of("h1", ["norm"] * 20, [[1, n / 100] for n in range(20)]))
    world.put(document("b", 1, "h2", type="report", language="en"), chunks_of("h2", ["report"], [[-1, 0.1]]))
    for filter in (Filter(names=("b",)), Filter(types=("report",)), Filter(languages=("en",))):
        assert world.found(1, 0, k=3, filter=filter) == ["report"]
    assert world.found(1, 0, k=3, filter=Filter(designations=("СП 1.1",), subtypes=("sp",))) == ["norm"] * 3
    assert world.found(1, 0, filter=Filter(names=("b",), languages=("ru",))) == []


def test_a_name_is_one_in_every_unicode_form(world: World) -> None:
    """For replacing, filtering and removing: macOS hands out й in two characters."""
    world.put(document("кра\u0438\u0306", 1, "h1"), chunks_of("h1", ["old"], [[1, 0]]))
    assert world.put(document("кра\u0439", 1, "h2"), chunks_of("h2", ["new"], [[1, 0]])) == 1
    assert world.found(1, 0, filter=Filter(names=("кра\u0438\u0306",))) == ["new"]
    assert world.remove("кра\u0438\u0306") == 1


def test_equally_near_ones_have_an_order(world: World) -> None:
    """By their ids, so the same question has the same answer."""
    made = chunks_of("h", ["x"] * 20, [[1, 0]] * 20)
    world.put(document("a", 20, "h"), made)
    hits = world.store.nearest(np.array([1, 0], np.float32), 20)
    assert [hit.id for hit in hits] == sorted(chunk.id for chunk in made.chunks)


def test_a_closed_store_may_be_closed_again(world: World) -> None:
    """As whoever cleans up after a failure does."""
    world.put(document("a", 1, "h"), chunks_of("h", ["x"], [[1, 0]]))
    world.store.close()
    world.store.close()


def test_vectors_of_another_model_are_refused(world: World) -> None:
    """Of another length or name: compared with the others they would mean nothing."""
    world.put(document("a", 1, "h1"), chunks_of("h1", ["x"], [[1, 0]]))
    with pytest.raises(WrongModel, match=r"expected vectors of m with 2 dimensions.*set embedding.model back"):
        world.store.replace(document("b", 1, "h2"), chunks_of("h2", ["y"], [[1, 0, 0]]))
    with pytest.raises(WrongModel, match=r"expected vectors of m with 2 dimensions.*got those of n with 2"):
        world.store.replace(document("b", 1, "h2"), chunks_of("h2", ["y"], [[1, 0]], model="n"))
    assert world.found(1, 0) == ["x"]

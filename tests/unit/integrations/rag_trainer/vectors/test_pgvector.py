"""What is this store's own; what every store promises is in tests/contract/test_rag_vector_store.py."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import asyncpg
import numpy as np
import pytest

from integrations.rag_trainer.ports import Filter, StoreFailed
from integrations.rag_trainer.results import Chunks
from integrations.rag_trainer.vectors import pgvector
from integrations.rag_trainer.vectors.pgvector import PgVectors
from tests.postgres_server import PostgresServer, database, database_name, postgres
from tests.rag_index import chunks_of, document

__all__ = ["database", "postgres"]


@pytest.fixture
def store(database: str) -> Iterator[PgVectors]:
    store = PgVectors(database, "library_1")
    yield store
    store.close()


async def _rows(dsn: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


def rows(dsn: str, query: str) -> list[Any]:
    """Read with a connection of one's own."""
    return asyncio.run(_rows(dsn, query))


def cloud(name: str, points: int, dimensions: int) -> Chunks:
    """Make points in random directions."""
    made = np.random.default_rng(7).normal(size=(points, dimensions)).tolist()
    return chunks_of(name, [f"{name} {n}" for n in range(points)], made)


def test_points_stay_with_what_they_are_filtered_by(store: PgVectors, database: str) -> None:
    """Under the chunks' ids, for whoever has the database."""
    made = chunks_of("h", ["x"], [[1, 0]])
    store.replace(document("a", 1, "h"), made)
    found = rows(
        database,
        "SELECT id::text, document, type, subtype, designation, language, model, embedding::text FROM library_1.points",
    )
    assert found == [(made.chunks[0].id, "a", "norms", "sp", "СП 1.1", "ru", "m", "[1,0]")]


def test_what_is_there_already_is_not_written_again(store: PgVectors, database: str) -> None:
    """The same rows stay in their place; only what another field has is written."""
    made = cloud("h", 100, 8)
    store.replace(document("a", 100, "h"), made)
    before = rows(database, "SELECT ctid::text, id FROM library_1.points ORDER BY id")
    assert store.replace(document("a", 100, "h"), made) == 0
    assert rows(database, "SELECT ctid::text, id FROM library_1.points ORDER BY id") == before
    store.replace(document("a", 100, "h", language="en"), made)
    assert len(store.nearest(made.matrix()[0], 10, Filter(languages=("en",)))) == 10


def test_a_document_is_replaced_as_a_whole_or_not(store: PgVectors) -> None:
    """What fails in the middle leaves it as it was."""
    store.replace(document("a", 2, "h1"), chunks_of("h1", ["x", "y"], [[1, 0], [0, 1]]))
    wrong = cloud("h2", 100, 2)
    numbers = wrong.matrix().copy()
    numbers[99, 0] = np.nan
    with pytest.raises(StoreFailed):
        store.replace(document("a", 100, "h2"), wrong.model_copy(update={"vectors": numbers.tobytes()}))
    assert len(store.nearest(np.array([1, 0], np.float32), 9, Filter(names=("a",)))) == 2
    assert store.count() == 2


def test_the_index_is_used_and_finds(store: PgVectors, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 1,000 points nearly all of the true ten; exactly, where a filter leaves few, and for more than 1,000."""
    made = cloud("h", 1_000, 16)
    store.replace(document("a", 1_000, "h"), made)
    question = made.matrix()[3] + np.float32(0.01)
    cosines = made.matrix() @ question / np.linalg.norm(question)
    nearest = [made.chunks[row].id for row in np.argsort(-cosines)]
    found = [hit.id for hit in store.nearest(question, 10)]
    assert len(set(found) & set(nearest[:10])) >= 9
    assert found[0] == nearest[0]
    assert [hit.id for hit in store.nearest(question, 10, Filter(names=("a",)))] == nearest[:10]
    assert len(store.nearest(question, 1_001)) == 1_000
    monkeypatch.setattr(pgvector, "EXACTLY", 10)
    assert len(store.nearest(question, 300, Filter(languages=("ru",)))) == 300
    # A session's figures are written down when it ends.
    store.close()
    index = "'library_1.points_embedding_idx'::regclass"
    assert rows(database, f"SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelid = {index}") == [(2,)]  # noqa: S608


def test_long_vectors_are_searched_without_an_index(store: PgVectors, database: str) -> None:
    """Beyond 2,000 dimensions there is none; beyond 16,000 there is no place."""
    made = cloud("h", 3, 2_001)
    store.replace(document("a", 3, "h"), made)
    assert [hit.id for hit in store.nearest(made.matrix()[1], 1)] == [made.chunks[1].id]
    indexes = rows(database, "SELECT indexdef FROM pg_indexes WHERE tablename = 'points'")
    assert not [definition for (definition,) in indexes if "hnsw" in definition]
    with pytest.raises(ValueError, match=r"at most 16000 dimensions.* got 16001"):
        store.replace(document("a", 1, "g"), cloud("g", 1, 16_001))
    assert store.count() == 3


def test_the_only_document_may_change_its_model(store: PgVectors) -> None:
    """Its own vectors are about to go, so there is nothing to compare with; a question of the old length is refused."""
    store.replace(document("a", 1, "h1"), chunks_of("h1", ["x"], [[1, 0]]))
    store.replace(document("a", 1, "h2"), chunks_of("h2", ["x"], [[1, 0, 0]], model="n"))
    assert store.count() == 1
    with pytest.raises(ValueError, match="expected a question of 3 dimensions, as the pgvector table has, got 2"):
        store.nearest(np.array([1, 0], np.float32), 1)


def test_a_connection_that_was_cut_is_made_again(store: PgVectors, postgres: PostgresServer, database: str) -> None:
    """The call in which it shows may fail; the next one doesn't."""
    store.replace(document("a", 1, "h1"), chunks_of("h1", ["x"], [[1, 0]]))
    name = database_name(database)
    rows(postgres.dsn(), f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608
    with suppress(StoreFailed):
        store.count()
    assert store.count() == 1


def test_two_begin_at_once(database: str) -> None:
    """Both make what is missing, and neither fails."""
    stores = [PgVectors(database) for _ in range(4)]
    failures: list[Exception] = []

    def put(number: int) -> None:
        try:
            stores[number].replace(document(f"d{number}", 1), chunks_of(f"h{number}", ["x"], [[1, 0]]))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=put, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert stores[0].count() == 4
    for store in stores:
        store.close()


def test_an_old_pgvector_is_refused(store: PgVectors, database: str) -> None:
    """With its version, and what to do. (The version is written into the catalogue; no old one is installed.)"""
    rows(database, "CREATE EXTENSION vector")
    rows(database, "UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'")
    with pytest.raises(ValueError, match=r"expected pgvector 0.8 or newer, got 0\.7\.4"):
        store.replace(document("a", 1), chunks_of("h", ["x"], [[1, 0]]))


@pytest.mark.parametrize("schema", ["", "A", "a b", 'a"; DROP TABLE x', "1a", "a" * 64])
def test_a_schema_is_a_plain_name(schema: str) -> None:
    """It is part of statements."""
    with pytest.raises(ValueError, match="expected pgvector_schema of small letters"):
        PgVectors("postgresql://h/d", schema)

"""What pgvector has beside the contract (tests/contract/test_vector_index.py): nets, plans and bounds."""

from __future__ import annotations

from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import func, select, text

from agents.memory.pgvector import MOST_DIMENSIONS, PgVectorIndex, table_of
from agents.ports import IndexUnavailable, Tenant
from agents.store.database import Database, DatabaseOptions

DIMENSIONS = 8


def vectors(count: int, seed: int) -> dict[UUID, list[float]]:
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSIONS))
    return {uuid4(): row.tolist() for row in rows / np.linalg.norm(rows, axis=1, keepdims=True)}


async def test_the_database_itself_confines_a_user(store: Database) -> None:
    """Row-Level Security holds for a statement without any filter, and for writing."""
    index = PgVectorIndex(store, "m", DIMENSIONS)
    await index.prepare()
    ann, ben = Tenant(uuid4(), uuid4()), Tenant(uuid4(), uuid4())
    await index.put(ann, vectors(3, 1))
    await index.put(ben, vectors(2, 2))
    everything = select(func.count()).select_from(index.table)
    async with store.of_user(ben.user) as connection:
        assert await connection.scalar(everything) == 2
    with pytest.raises(Exception, match="row-level security"):
        async with store.of_user(ben.user) as connection:
            await connection.execute(
                index.table.insert().values(
                    user_id=ann.user, agent_id=ann.agent, memory_id=uuid4(), embedding=[1.0] * DIMENSIONS
                )
            )
    async with store.of_system() as connection:
        assert await connection.scalar(everything) == 5


async def test_a_tenant_with_few_vectors_among_many_is_found_through_the_index(store: Database) -> None:
    """Also where all are beyond what is compared one by one: the index is scanned until there are enough."""
    index = PgVectorIndex(store, "m", DIMENSIONS, exactly=0, share=0.0)
    exact = PgVectorIndex(store, "m", DIMENSIONS)
    await index.prepare()
    few, many = Tenant(uuid4(), uuid4()), Tenant(uuid4(), uuid4())
    await index.put(many, vectors(1_500, 1))
    await index.put(few, vectors(5, 2))
    asked = next(iter(vectors(1, 3).values()))
    expected = [hit.memory_id for hit in await exact.search(few, asked, 5)]
    assert len(expected) == 5
    assert [hit.memory_id for hit in await index.search(few, asked, 5)] == expected
    nearest = {hit.memory_id for hit in await exact.search(many, asked, 10)}
    assert len(nearest & {hit.memory_id for hit in await index.search(many, asked, 10)}) >= 9


async def test_the_way_of_a_search_is_chosen_anew_each_time(store: Database) -> None:
    """A connection that has compared all many times still asks the index when it should: no plan is kept."""
    one = Database(DatabaseOptions(store.options.dsn, pool=1, overflow=0))
    exact = PgVectorIndex(one, "m", DIMENSIONS)
    indexed = PgVectorIndex(one, "m", DIMENSIONS, exactly=0, share=0.0)
    small_part = PgVectorIndex(one, "m", DIMENSIONS, exactly=10, share=0.5)
    await exact.prepare()
    tenant, some = Tenant(uuid4(), uuid4()), vectors(300, 1)
    await exact.put(tenant, some)
    name = f"{exact.table.name}_hnsw_idx"
    scans = text("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = :name")

    async def searched(index: PgVectorIndex, times: int) -> int:
        for _ in range(times):
            await index.search(tenant, next(iter(some.values())), 5)
        async with one.of_system() as connection:
            await connection.execute(text("SELECT pg_stat_force_next_flush()"))
        async with one.of_system() as connection:
            return int(await connection.scalar(scans, {"name": name}))

    assert await searched(exact, 12) == 0
    assert await searched(indexed, 12) == 12
    assert await searched(exact, 3) == 12
    # More than a few, but a small part of all: compared. As all of them: looked up.
    assert await searched(small_part, 1) == 13
    await exact.put(Tenant(uuid4(), uuid4()), vectors(400, 2))
    async with one.of_system() as connection:
        await connection.execute(text(f"ANALYZE {exact.table.name}"))
    assert await searched(small_part, 3) == 13
    await one.close()


async def test_a_statement_that_is_refused_is_told_without_its_values(store: Database) -> None:
    """A vector of another length, and a table that isn't there."""
    index = PgVectorIndex(store, "m", DIMENSIONS)
    tenant = Tenant(uuid4(), uuid4())
    with pytest.raises(IndexUnavailable, match="UndefinedTableError"):
        await index.count(tenant)
    await index.prepare()
    with pytest.raises(IndexUnavailable, match="DataError") as raised:
        await index.put(tenant, {uuid4(): [0.123456]})
    assert "0.123456" not in str(raised.value)


async def test_a_server_without_pgvector_says_what_to_do(store: Database) -> None:
    """Here: one whose extension is too old."""
    index = PgVectorIndex(store, "m", DIMENSIONS)
    await index.prepare()
    async with store.of_system() as connection:
        await connection.execute(text("UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'"))
    with pytest.raises(IndexUnavailable, match="ALTER EXTENSION vector UPDATE"):
        await index.prepare()


def test_lengths_that_pgvector_does_not_have_are_refused() -> None:
    """At once, and not with the first memory."""
    for dimensions in (0, MOST_DIMENSIONS + 1):
        with pytest.raises(ValueError, match="dimensions"):
            PgVectorIndex(Database.__new__(Database), "m", dimensions)


def test_each_model_and_length_has_a_table_of_its_own() -> None:
    """Whose name is the same in each process."""
    names = {table_of("m", 8).name, table_of("m", 16).name, table_of("n", 8).name, table_of("m", 8).name}
    assert len(names) == 3
    assert all(name.startswith("memory_vectors_") for name in names)

"""Vectors in PostgreSQL, on a real one. What all stores promise is in tests/contract."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from integrations.db_pool import DynamicPool
from integrations.vector_search.model import Point, Question, UnknownCollection
from integrations.vector_search.pgvector import Hnsw, PgVectorStore
from integrations.vector_search.recall import Kind, overlap
from integrations.vector_search.search import ObservedSearch
from tests.postgres_server import PostgresServer, postgres
from tests.vector_searches import always, clustered, cosine, reporting

__all__ = ["postgres"]

VECTORS = clustered(1_500, 24, 12)


@pytest.fixture(scope="module")
def place(postgres: PostgresServer) -> Iterator[str]:
    dsn = postgres.create()
    yield dsn
    postgres.drop(dsn)


@pytest.fixture
async def pool(place: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(place, min_size=1, max_size=2) as pool:
        yield pool


@pytest.fixture
async def store(pool: asyncpg.Pool) -> PgVectorStore:
    """A store that holds `VECTORS` already; tests leave them as they are."""
    store = PgVectorStore(pool, hnsw=Hnsw(m=16, ef_construction=64))
    if not await pool.fetchval("SELECT to_regclass('tocsin_vectors.clusters') IS NOT NULL"):
        await store.create("clusters", 24)
        await store.upsert("clusters", [Point(n, vector, {"third": n % 3 == 0}) for n, vector in enumerate(VECTORS)])
    return store


def nearest(query: list[float], number: int) -> set[int]:
    """By comparing everything, here."""
    ordered = sorted(range(len(VECTORS)), key=lambda n: cosine(query, VECTORS[n]), reverse=True)
    return set(ordered[:number])


async def index_scans(pool: asyncpg.Pool) -> int:
    await pool.execute("SELECT pg_stat_force_next_flush()")
    scans = await pool.fetchval(
        "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname LIKE 'clusters_embedding%'"
    )
    return int(scans)


async def test_the_index_is_used_unless_the_search_is_exact(store: PgVectorStore, place: str) -> None:
    """By PostgreSQL's own count, in a table so small that the planner would read all of it."""
    async with asyncpg.create_pool(place, min_size=1, max_size=1) as single:
        store = PgVectorStore(single)
        before = await index_scans(single)
        for _ in range(7):  # beyond the five after which PostgreSQL keeps a plan
            await store.search("clusters", Question(VECTORS[0], 10))
        between = await index_scans(single)
        for _ in range(7):
            await store.search("clusters", Question(VECTORS[0], 10, exact=True))
        assert (between - before, await index_scans(single) - between) == (7, 0)


@pytest.mark.parametrize(
    ("question", "ef_search"),
    [
        (Question(VECTORS[0], 10), 100),
        (Question(VECTORS[0], 150), 150),
        (Question(VECTORS[0], 10, ef_search=7), 7),
        (Question(VECTORS[0], 10, ef_search=5_000), 1_000),
    ],
    ids=["default", "as many as asked for", "as said", "at most pgvector's most"],
)
async def test_ef_search_is_what_was_really_used(store: PgVectorStore, question: Question, ef_search: int) -> None:
    """The index gives no more than that many."""
    found = await store.search("clusters", question)
    assert found.ef_search == ef_search
    assert len(found.hits) == min(ef_search, question.top_k)


async def test_settings_end_with_the_transaction(store: PgVectorStore, place: str) -> None:
    """The pool's other users plan as ever."""
    names = ("hnsw.ef_search", "hnsw.iterative_scan", "enable_indexscan", "enable_seqscan", "enable_sort", "jit")
    async with asyncpg.create_pool(place, min_size=1, max_size=1) as single:
        store = PgVectorStore(single)
        await single.execute("LOAD 'vector'")
        before = [await single.fetchval(f"SHOW {name}") for name in names]
        await store.search("clusters", Question(VECTORS[0], 10, ef_search=7))
        await store.search("clusters", Question(VECTORS[0], 10, exact=True))
        assert [await single.fetchval(f"SHOW {name}") for name in names] == before


async def test_a_filter_throws_away_no_results(store: PgVectorStore) -> None:
    """The index goes on until there are enough that pass, also where it keeps few candidates."""
    found = await store.search("clusters", Question(VECTORS[0], 20, {"third": True}, ef_search=20))
    assert len(found.hits) == 20
    assert all(hit.payload["third"] for hit in found.hits)


class Meddling:
    """A pool whose connections let somebody else write between the two searches of a pair."""

    def __init__(self, pool: asyncpg.Pool, statement: str) -> None:
        self._pool = pool
        self._statement = statement

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Any]:
        async with self._pool.acquire() as connection:
            fetch = connection.fetch

            async def meddled(query: str, *values: Any) -> Any:
                if query.startswith("/* exact */"):
                    await self._pool.execute(self._statement)
                return await fetch(query, *values)

            yield _Overridden(connection, meddled)


class _Overridden:
    def __init__(self, connection: Any, fetch: Any) -> None:
        self._connection = connection
        self.fetch = fetch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


async def test_both_ways_see_the_same_data(pool: asyncpg.Pool) -> None:
    """A better point that is put in, and the best one taken out, between the two searches are seen by neither."""
    store = PgVectorStore(pool)
    await store.drop("meddled")
    await store.create("meddled", 2)
    await store.upsert("meddled", [Point(1, [1.0, 0.2]), Point(2, [1.0, 1.0])])
    statement = """WITH gone AS (DELETE FROM tocsin_vectors.meddled WHERE id = '1')
        INSERT INTO tocsin_vectors.meddled VALUES ('3', '[1,0]', '{}')"""
    pair = await PgVectorStore(Meddling(pool, statement)).search_both_ways("meddled", Question([1.0, 0.0], 2))
    assert pair is not None
    assert [hit.id for hit in pair.approximate] == [hit.id for hit in pair.exact] == [1, 2]
    assert overlap(pair) == 1.0
    after = await store.search("meddled", Question([1.0, 0.0], 2))
    assert [hit.id for hit in after.hits] == [3, 2]


async def test_recall_is_what_an_exact_search_of_ones_own_says(store: PgVectorStore) -> None:
    """Computed here by comparing every vector; and an index that may hardly look around is seen to miss much."""
    queries = random.Random(3).sample(VECTORS, 40)
    measured = {}
    for ef_search in (3, 10, 200):
        reporter, _ = reporting(always(queue=100))
        search = ObservedSearch(store, reporter)
        found = 0
        for query in queries:
            hits = (await search.search_vectors("clusters", query, top_k=10, ef_search=ef_search)).hits
            found += len({hit.id for hit in hits} & nearest(query, 10))
        async with search:
            await reporter.sampler.settled()
        numbers = search.numbers()
        estimate = numbers.recall[Kind("clusters", ef_search, 10, False)]
        assert (estimate.samples, numbers.samples["counted"]) == (40, 40)
        assert estimate.recall == pytest.approx(found / 400, abs=1e-9)
        assert estimate.low <= estimate.recall <= estimate.high
        measured[ef_search] = estimate.recall
    assert measured[3] <= 0.3
    assert measured[3] < measured[10]
    assert measured[200] > 0.8


async def test_any_pool_will_do(store: PgVectorStore, place: str) -> None:
    """Here the one that sizes itself."""
    async with DynamicPool(place) as dynamic:
        other = PgVectorStore(dynamic)
        await other.create("clusters", 24)
        assert await other.count("clusters") == len(VECTORS)
        for question in (Question(VECTORS[0], 3), Question(VECTORS[0], 3, exact=True)):
            assert (await other.search("clusters", question)).hits[0].id == 0
        pair = await other.search_both_ways("clusters", Question(VECTORS[0], 3))
        assert pair == await store.search_both_ways("clusters", Question(VECTORS[0], 3))


async def test_a_collection_that_somebody_else_dropped(pool: asyncpg.Pool) -> None:
    """It is missed, although it was known; and when it comes back it may be compared in another way."""
    store, other = PgVectorStore(pool), PgVectorStore(pool)
    await store.create("dropped", 2)
    await store.search("dropped", Question([1.0, 0.0], 1))
    await other.drop("dropped")
    with pytest.raises(UnknownCollection):
        await store.search("dropped", Question([1.0, 0.0], 1))
    await other.create("dropped", 2, "euclid")
    await store.upsert("dropped", [Point(1, [1.0, 2.0])])
    assert (await store.search("dropped", Question([1.0, 0.0], 1))).hits[0].score == pytest.approx(-2.0)
    await other.drop("dropped")


async def test_points_go_in_all_or_none(store: PgVectorStore) -> None:
    """One vector that doesn't fit keeps the others out."""
    with pytest.raises(asyncpg.DataError, match="dimensions"):
        await store.upsert("clusters", [Point(90_001, VECTORS[0]), Point(90_002, [1.0])])
    assert await store.count("clusters") == len(VECTORS)


@pytest.mark.parametrize("dimensions", [0, 2_001])
async def test_dimensions_that_no_index_takes_are_refused(store: PgVectorStore, dimensions: int) -> None:
    """With the bound in the error."""
    with pytest.raises(ValueError, match="1 to 2000"):
        await store.create("large", dimensions)


@pytest.mark.parametrize("schema", ["", "A", "a b", 'x"; DROP', "x" * 64])
async def test_a_schema_has_a_plain_name(schema: str, pool: asyncpg.Pool) -> None:
    """It is part of statements."""
    with pytest.raises(ValueError, match="schema's name"):
        PgVectorStore(pool, schema)

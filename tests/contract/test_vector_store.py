"""What every `VectorStore` promises, on each implementation: Qdrant's client in its local mode, pgvector in PostgreSQL.

There is no Qdrant server among the packages that tests may install: its answers are tried as far as the local mode goes
here, and what only a server knows with a double in tests/unit/integrations/vector_search/test_qdrant.py.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import asyncpg
import pytest
from qdrant_client import AsyncQdrantClient

from integrations.vector_search.model import Distance, Point, Question, UnknownCollection
from integrations.vector_search.pgvector import PgVectorStore
from integrations.vector_search.qdrant import QdrantStore
from integrations.vector_search.store import VectorStore
from tests.postgres_server import PostgresServer, postgres
from tests.vector_searches import clustered, cosine

__all__ = ["postgres"]

NAMED = "0b6a3f52-7a0e-4d3c-9c53-2a6a4f6d9c11"


@pytest.fixture(scope="module")
def place(postgres: PostgresServer) -> Iterator[str]:
    dsn = postgres.create()
    yield dsn
    postgres.drop(dsn)


@pytest.fixture(params=["qdrant", "pgvector"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[VectorStore]:
    if request.param == "qdrant":
        client = AsyncQdrantClient(":memory:")
        yield QdrantStore(client)
        await client.close()
    else:
        async with asyncpg.create_pool(request.getfixturevalue("place"), min_size=1, max_size=4) as pool:
            store = PgVectorStore(pool)
            yield store
            await pool.execute("DROP SCHEMA IF EXISTS tocsin_vectors CASCADE")


async def filled(store: VectorStore, distance: Distance = "cosine") -> None:
    """Put four points in: near, middle and far from (1, 0), and one that points the other way."""
    await store.create("docs", 2, distance)
    await store.upsert(
        "docs",
        [
            Point(1, [1.0, 0.1], {"kind": "a", "tags": ["x", "y"], "year": 2024, "open": True}),
            Point(2, [1.0, 1.0], {"kind": "b", "tags": ["y"], "year": 2025, "open": False}),
            Point(NAMED, [0.1, 1.0], {"kind": "a", "year": 2026, "nested": {"a": [1, None, "ü"]}}),
            Point(4, [-1.0, 0.0]),
        ],
    )


@pytest.mark.parametrize("distance", ["cosine", "dot", "euclid"])
async def test_the_best_hit_comes_first_and_has_the_highest_score(store: VectorStore, distance: Distance) -> None:
    """For every distance: a store that shows distances, or turns a likeness round, would rank its best hit last."""
    await filled(store, distance)
    hits = (await store.search("docs", Question([1.0, 0.0], 4))).hits
    if distance == "dot":  # the inner product with (1, 0) is the same for the first two
        assert {hits[0].id, hits[1].id} == {1, 2}
    else:
        assert [hit.id for hit in hits][:2] == [1, 2]
    assert [hit.id for hit in hits][2:] == [NAMED, 4]
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[2] > scores[3]


async def test_scores_are_what_they_are_called(store: VectorStore) -> None:
    """Cosines, inner products, and distances with a minus."""
    await filled(store)
    await store.create("products", 2, "dot")
    await store.create("places", 2, "euclid")
    for collection in ("products", "places"):
        await store.upsert(collection, [Point(1, [3.0, 4.0])])
    found = await store.search("docs", Question([1.0, 0.0], 4))
    for hit, vector in zip(found.hits, ([1.0, 0.1], [1.0, 1.0], [0.1, 1.0], [-1.0, 0.0]), strict=True):
        assert hit.score == pytest.approx(cosine([1.0, 0.0], vector), abs=1e-5)
    assert (await store.search("products", Question([1.0, 1.0], 1))).hits[0].score == pytest.approx(7.0)
    assert (await store.search("places", Question([0.0, 0.0], 1))).hits[0].score == pytest.approx(-5.0)


async def test_ids_and_payloads_come_back_as_they_were(store: VectorStore) -> None:
    """Numbers as numbers, UUIDs as text in small letters, payloads as JSON; a hit says where it is from."""
    await filled(store)
    hits = {hit.id: hit for hit in (await store.search("docs", Question([1.0, 0.0], 10))).hits}
    assert set(hits) == {1, 2, NAMED, 4}
    assert hits[NAMED].payload == {"kind": "a", "year": 2026, "nested": {"a": [1, None, "ü"]}}
    assert hits[4].payload == {}
    assert {hit.collection for hit in hits.values()} == {"docs"}


async def test_putting_a_point_in_again_replaces_it(store: VectorStore) -> None:
    """Vector and payload; also within one call, where the last one counts; a UUID is the same in any spelling."""
    await filled(store)
    await store.upsert("docs", [Point(4, [0.0, -1.0], {"n": 1}), Point(4, [1.0, 0.0], {"n": 2})])
    await store.upsert("docs", [Point(str(UUID(NAMED)).upper(), [1.0, 0.0])])
    best = {hit.id: hit.payload for hit in (await store.search("docs", Question([1.0, 0.0], 2))).hits}
    assert best == {4: {"n": 2}, NAMED: {}}
    assert await store.count("docs") == 4


async def test_deleted_points_are_not_found(store: VectorStore) -> None:
    """Deleting is done when it returns; what isn't there may be deleted, too."""
    await filled(store)
    await store.delete("docs", [1, NAMED, 99])
    await store.delete("docs", [])
    assert [hit.id for hit in (await store.search("docs", Question([1.0, 0.0], 10))).hits] == [2, 4]
    assert await store.count("docs") == 2


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({}, {1, 2, NAMED, 4}),
        ({"kind": "a"}, {1, NAMED}),
        ({"kind": ["b", "c"]}, {2}),
        ({"year": [2025, 2026]}, {2, NAMED}),
        ({"tags": "y"}, {1, 2}),
        ({"tags": ["x", "z"]}, {1}),
        ({"open": True}, {1}),
        ({"kind": "a", "year": 2024}, {1}),
        ({"kind": "b", "year": 2024}, set()),
        ({"missing": "a"}, set()),
        ({"kind": "a' OR true --"}, set()),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
async def test_filters(store: VectorStore, filter: dict[str, object], expected: set[object]) -> None:
    """Every field must have one of its values; of a list, one element is enough. Values are values, not code."""
    await filled(store)
    question = Question([1.0, 0.0], 10, filter)  # type: ignore[arg-type]
    assert {hit.id for hit in (await store.search("docs", question)).hits} == expected
    exact = Question([1.0, 0.0], 10, filter, exact=True)  # type: ignore[arg-type]
    assert {hit.id for hit in (await store.search("docs", exact)).hits} == expected


async def test_an_exact_search_misses_nothing(store: VectorStore) -> None:
    """It gives what comparing every vector here gives; it has no ef_search, and says why."""
    vectors = clustered(300, 16, 8)
    await store.create("docs", 16)
    await store.upsert("docs", [Point(number, vector) for number, vector in enumerate(vectors)])
    for query in random.Random(7).sample(vectors, 5):
        true = sorted(range(300), key=lambda number: cosine(query, vectors[number]), reverse=True)[:10]
        found = await store.search("docs", Question(query, 10, exact=True))
        assert [hit.id for hit in found.hits] == true
        assert (found.ef_search, found.exact_reason) == (None, "an exact search was asked for")


async def test_queries_that_begin_alike_have_their_own_results(store: VectorStore) -> None:
    """Two vectors that are equal in their first ten dimensions find different things."""
    await store.create("docs", 12)
    beginning = [0.5] * 10
    one, other = [*beginning, 9.0, 0.0], [*beginning, 0.0, 9.0]
    await store.upsert("docs", [Point(1, one), Point(2, other)])
    assert (await store.search("docs", Question(one, 1))).hits[0].id == 1
    assert (await store.search("docs", Question(other, 1))).hits[0].id == 2


async def test_a_collection_is_made_once_and_stays(store: VectorStore) -> None:
    """Making it again, also by several at once, loses nothing; dropping it does, and may be repeated."""
    await filled(store)
    await asyncio.gather(*(store.create("docs", 2) for _ in range(4)))
    assert await store.count("docs") == 4
    await store.drop("docs")
    await store.drop("docs")
    await store.create("docs", 3)
    assert await store.count("docs") == 0


async def test_a_collection_that_is_not_there_is_an_error(store: VectorStore) -> None:
    """Never an empty result: before the first one is made, beside others, and after it was dropped."""
    for _ in range(2):
        with pytest.raises(UnknownCollection, match="no collection docs"):
            await store.search("docs", Question([1.0, 0.0], 1))
        with pytest.raises(UnknownCollection):
            await store.upsert("docs", [Point(1, [1.0, 0.0])])
        with pytest.raises(UnknownCollection):
            await store.delete("docs", [1])
        with pytest.raises(UnknownCollection):
            await store.count("docs")
        await store.create("others", 2)
        await filled(store)
        await store.search("docs", Question([1.0, 0.0], 1))
        await store.drop("docs")


async def test_a_failing_search_raises(store: VectorStore) -> None:
    """A vector of the wrong length is no empty result."""
    await filled(store)
    with pytest.raises(Exception, match=r"(?i)dimension|shape|match|align"):
        await store.search("docs", Question([1.0, 0.0, 0.0], 1))


@pytest.mark.parametrize("name", ["", "a b", 'x"; DROP TABLE y; --', "x" * 49, "ä"])
async def test_names_that_not_every_store_could_use_are_refused(store: VectorStore, name: str) -> None:
    """Before anything is asked of a server."""
    with pytest.raises(ValueError, match="collection's name"):
        await store.create(name, 2)
    with pytest.raises(ValueError, match="collection's name"):
        await store.search(name, Question([1.0, 0.0], 1))


async def test_names_are_kept_apart(store: VectorStore) -> None:
    """Capital letters and signs count."""
    for number, name in enumerate(("docs", "Docs", "do-cs", "select")):
        await store.create(name, 2)
        await store.upsert(name, [Point(number, [1.0, 0.0])])
        assert [hit.id for hit in (await store.search(name, Question([1.0, 0.0], 5))).hits] == [number]

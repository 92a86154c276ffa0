"""What every vector index of memories does: pgvector in a real PostgreSQL, and Qdrant (its client's local mode)."""

from __future__ import annotations

import math
import random
from collections.abc import AsyncIterator, Sequence
from uuid import UUID, uuid4

import pytest
from qdrant_client import AsyncQdrantClient

from agents.memory.pgvector import PgVectorIndex
from agents.memory.qdrant import QdrantIndex
from agents.ports import IndexUnavailable, Tenant, VectorIndex
from agents.store.database import Database, DatabaseOptions
from tests.agents_kit import agents_dsn, agents_template, store
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres", "store"]

DIMENSIONS = 16


def a_tenant() -> Tenant:
    return Tenant(uuid4(), uuid4())


def vectors(count: int, seed: int = 1) -> dict[UUID, Sequence[float]]:
    """Random vectors of length 1."""
    chance = random.Random(seed)
    found: dict[UUID, Sequence[float]] = {}
    for _ in range(count):
        raw = [chance.gauss(0, 1) for _ in range(DIMENSIONS)]
        length = math.sqrt(sum(number * number for number in raw))
        found[UUID(int=chance.getrandbits(128), version=4)] = [number / length for number in raw]
    return found


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(left * right for left, right in zip(one, other, strict=True))


async def _make(kind: str, request: pytest.FixtureRequest, model: str = "model/1") -> VectorIndex:
    if kind == "qdrant":
        client = request.node.stash.setdefault(_CLIENT, AsyncQdrantClient(location=":memory:"))
        return QdrantIndex(client, "memories", model, DIMENSIONS, server=False)
    return PgVectorIndex(request.getfixturevalue("store"), model, DIMENSIONS)


_CLIENT = pytest.StashKey[AsyncQdrantClient]()


@pytest.fixture(params=["pgvector", "qdrant"])
def kind(request: pytest.FixtureRequest, store: Database) -> str:
    return str(request.param)


@pytest.fixture
async def index(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[VectorIndex]:
    made = await _make(kind, request)
    await made.prepare()
    yield made
    await made.close()


async def test_the_nearest_come_first_with_their_cosine(index: VectorIndex) -> None:
    """As comparing all of them says, to the third digit."""
    tenant, some = a_tenant(), vectors(60)
    await index.put(tenant, some)
    asked = next(iter(vectors(1, seed=9).values()))
    hits = await index.search(tenant, asked, 5)
    expected = sorted(some, key=lambda id: -cosine(some[id], asked))[:5]
    assert [hit.memory_id for hit in hits] == expected
    assert [hit.score for hit in hits] == pytest.approx([cosine(some[id], asked) for id in expected], abs=2e-3)


async def test_a_tenant_never_sees_nor_touches_anothers(index: VectorIndex) -> None:
    """Neither another user's agent nor another agent of the same user, also not by naming its memories."""
    owner, some = a_tenant(), vectors(5)
    await index.put(owner, some)
    id, vector = next(iter(some.items()))
    for stranger in (Tenant(uuid4(), owner.agent), Tenant(owner.user, uuid4()), a_tenant()):
        assert await index.search(stranger, vector, 10) == []
        assert await index.search(stranger, vector, 10, list(some)) == []
        assert await index.count(stranger) == 0
        await index.remove(stranger, list(some))
        await index.clear(stranger)
        await index.put(stranger, {id: [-number for number in vector]})
        assert [hit.memory_id for hit in await index.search(stranger, vector, 10)] == [id]
    assert await index.count(owner) == 5
    (best,) = await index.search(owner, vector, 1)
    assert best.memory_id == id
    assert best.score == pytest.approx(1, abs=2e-3)


async def test_only_memories_that_are_named_count(index: VectorIndex) -> None:
    """With `among` nothing else is found, and all that is named is, however far."""
    tenant, some = a_tenant(), vectors(40)
    await index.put(tenant, some)
    named = list(some)[10:13]
    asked = next(iter(vectors(1, seed=9).values()))
    assert {hit.memory_id for hit in await index.search(tenant, asked, 10, [*named, uuid4()])} == set(named)
    assert await index.search(tenant, asked, 10, []) == []


async def test_the_same_memory_again_replaces_its_vector(index: VectorIndex) -> None:
    """An edited memory is found by what it says now."""
    tenant, some = a_tenant(), vectors(2)
    id, vector = next(iter(some.items()))
    await index.put(tenant, some)
    await index.put(tenant, {id: [-number for number in vector]})
    scores = {hit.memory_id: hit.score for hit in await index.search(tenant, vector, 2)}
    assert scores[id] == pytest.approx(-1, abs=2e-3)
    assert await index.count(tenant) == 2


async def test_removed_and_cleared_vectors_are_gone(index: VectorIndex) -> None:
    """Twice is as once."""
    tenant, other, some = a_tenant(), a_tenant(), vectors(6)
    await index.put(tenant, some)
    await index.put(other, some)
    for _ in range(2):
        await index.remove(tenant, list(some)[:4])
        assert await index.count(tenant) == 2
    await index.remove(tenant, [])
    for _ in range(2):
        await index.clear(tenant)
        assert await index.count(tenant) == 0
    assert await index.count(other) == 6


async def test_preparing_twice_is_once(index: VectorIndex) -> None:
    """Each process does it when it starts, and before each new agent."""
    tenant = a_tenant()
    await index.put(tenant, vectors(3))
    await index.prepare()
    assert await index.count(tenant) == 3


async def test_another_model_has_vectors_of_its_own(
    index: VectorIndex, kind: str, request: pytest.FixtureRequest
) -> None:
    """They are never compared; when they aren't needed any more, all of the others go."""
    tenant, some = a_tenant(), vectors(3)
    await index.put(tenant, some)
    newer = await _make(kind, request, "model/2")
    await newer.prepare()
    assert await newer.search(tenant, next(iter(some.values())), 5) == []
    await newer.put(tenant, some)
    await newer.retire()
    assert await newer.count(tenant) == 3
    with pytest.raises(IndexUnavailable):
        await index.count(tenant)


async def test_a_store_that_is_away_says_so_in_its_own_words(kind: str) -> None:
    """Every method; and no address stands in the reason."""
    index: VectorIndex
    if kind == "qdrant":
        client = AsyncQdrantClient(url="http://127.0.0.1:9", check_compatibility=False, timeout=2)
        index = QdrantIndex(client, "memories", "model/1", DIMENSIONS)
    else:
        index = PgVectorIndex(Database(DatabaseOptions("postgresql://u@/d?host=/nowhere")), "model/1", DIMENSIONS)
    tenant, some = a_tenant(), vectors(1)
    id, vector = next(iter(some.items()))
    for work in (
        index.prepare(),
        index.put(tenant, some),
        index.search(tenant, vector, 1),
        index.remove(tenant, [id]),
        index.clear(tenant),
        index.count(tenant),
        index.retire(),
    ):
        with pytest.raises(IndexUnavailable) as raised:
            await work
        assert not any(secret in str(raised.value) for secret in ("127.0.0.1", "nowhere"))
    await index.close()

"""Vectors in the background: what is missing comes, what is left over goes, and nothing is made up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from agents.memory.measures import Measures
from agents.memory.options import MemoryOptions
from agents.memory.pgvector import PgVectorIndex, table_of
from agents.memory.worker import MemoryWorker
from agents.ports import EmbeddingFailed, IndexUnavailable, Tenant, VectorHit
from agents.store.database import Database
from agents.store.tables import memories, user_agents, users, vector_removals
from tests.agents_kit import a_user
from tests.live import until
from tests.memory_kit import MemoryWorld, WordEmbedder, a_memory, an_agent


class Breakable:
    """An index that can be away."""

    def __init__(self, index: PgVectorIndex) -> None:
        self.index = index
        self.away = False

    def _look(self) -> PgVectorIndex:
        if self.away:
            raise IndexUnavailable("the index is away")
        return self.index

    async def prepare(self) -> None:
        await self._look().prepare()

    async def put(self, tenant: Tenant, vectors: Mapping[UUID, Sequence[float]]) -> None:
        await self._look().put(tenant, vectors)

    async def search(
        self, tenant: Tenant, vector: Sequence[float], limit: int, among: Sequence[UUID] | None = None
    ) -> list[VectorHit]:
        return await self._look().search(tenant, vector, limit, among)

    async def remove(self, tenant: Tenant, memory_ids: Sequence[UUID]) -> None:
        await self._look().remove(tenant, memory_ids)

    async def clear(self, tenant: Tenant) -> None:
        await self._look().clear(tenant)

    async def count(self, tenant: Tenant) -> int:
        return await self._look().count(tenant)

    async def retire(self) -> None:
        await self._look().retire()

    async def close(self) -> None:
        await self.index.close()


async def states(store: Database) -> list[tuple[str, str | None, int]]:
    """State, model and attempts of all memories, oldest first."""
    columns = (memories.c.embedding_state, memories.c.embedding_model, memories.c.embedding_attempts)
    async with store.of_system() as connection:
        return [tuple(row) for row in await connection.execute(select(*columns).order_by(memories.c.created_at))]


async def value(store: Database, statement: Any) -> Any:
    async with store.of_system() as connection:
        return await connection.scalar(statement)


async def test_a_failing_model_leaves_memories_waiting_and_tries_again_later_each_time(store: Database) -> None:
    """They are found by words meanwhile. No vector is made up; when the model is back, all get theirs."""
    model = WordEmbedder()
    model.failing = "the endpoint answered 500"
    world, scope = a_memory(store, model, MemoryOptions(retry=100.0, retry_most=350.0)), await a_user(store)
    agent = await an_agent(scope)
    await world.memory.add(scope, agent, "The port is 8765")
    waits = []
    for _ in range(4):
        with pytest.raises(EmbeddingFailed):
            await world.worker.work()
        waits.append(await value(store, select(func.extract("epoch", memories.c.embedding_next_at - func.now()))))
        async with store.of_system() as connection:
            await connection.execute(update(memories).values(embedding_next_at=func.now()))
    assert [round(float(wait), -1) for wait in waits] == [100, 200, 350, 350]
    assert await states(store) == [("pending", None, 4)]
    (found,) = await world.memory.search(scope, agent, "port")
    assert "cosine" not in found.parts
    model.failing = ""
    await world.settle()
    assert await states(store) == [("stored", "words/1", 0)]
    (found,) = await world.memory.search(scope, agent, "port 8765")
    assert found.parts["cosine"] > 0.9


async def test_one_text_that_the_model_does_not_take_keeps_no_other_from_its_vector(store: Database) -> None:
    """After some failures of a batch each is embedded by itself."""
    model = WordEmbedder()
    model.poison = "poison"
    world, scope = a_memory(store, model), await a_user(store)
    agent = await an_agent(scope)
    for said in ("good one", "poison", "good two"):
        await world.memory.add(scope, agent, said)
    for _ in range(10):
        try:
            await world.worker.work()
        except EmbeddingFailed:
            continue
    assert [state for state, *_ in await states(store)] == ["stored", "pending", "stored"]


async def test_an_index_that_is_away_loses_nothing(store: Database) -> None:
    """Neither vectors that are to come, nor those that are to go: deleted memories are never found, and their vectors
    are removed when the index is back."""
    broken = Breakable(PgVectorIndex(store, "words/1", 64))
    world, scope = a_memory(store, index=broken), await a_user(store)
    agent = await an_agent(scope)
    kept = await world.memory.add(scope, agent, "stays here")
    gone = await world.memory.add(scope, agent, "goes away")
    await world.settle()
    broken.away = True
    await world.memory.delete(scope, gone.id)
    late = await world.memory.add(scope, agent, "comes late")
    with pytest.raises(IndexUnavailable):
        await world.settle()
    assert world.measures.failures["index"] >= 1
    found = await world.memory.search(scope, agent, "stays goes comes late")
    assert {one.item.id for one in found} == {kept.id, late.id}
    assert world.measures.searches["unavailable"] == 1
    broken.away = False
    assert {hit.memory_id for hit in await broken.search(scope.tenant(agent), [1.0] * 64, 9)} == {kept.id, gone.id}
    async with store.of_system() as connection:
        await connection.execute(update(vector_removals).values(next_at=func.now()))
        await connection.execute(update(memories).values(embedding_next_at=func.now()))
    await world.settle()
    assert {hit.memory_id for hit in await broken.search(scope.tenant(agent), [1.0] * 64, 9)} == {kept.id, late.id}
    assert await value(store, select(func.count()).select_from(vector_removals)) == 0


@pytest.mark.parametrize("what", ["agent", "user"])
async def test_whatever_deletes_memories_their_vectors_go(store: Database, what: str) -> None:
    """Also a row that goes with its agent's, or with its user's account: the database itself writes down what is left
    over."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    await world.memory.add(scope, agent, "one")
    await world.memory.add(scope, agent, "two")
    await world.settle()
    index = (await world.vectors.pair()).index
    tenant = scope.tenant(agent)
    assert await index.count(tenant) == 2
    table, id = (user_agents, tenant.agent) if what == "agent" else (users, tenant.user)
    async with store.of_system() as connection:
        await connection.execute(table.delete().where(table.c.id == id))
    await world.settle()
    assert await index.count(tenant) == 0
    assert world.measures.removed == 2


async def test_the_same_memory_again_keeps_its_new_vector(store: Database) -> None:
    """Its id is the same as that of the deleted one, whose vector is still to be removed: the new one comes after."""
    broken = Breakable(PgVectorIndex(store, "words/1", 64))
    world, scope = a_memory(store, index=broken), await a_user(store)
    agent = await an_agent(scope)
    first = await world.memory.add(scope, agent, "again and again")
    await world.settle()
    broken.away = True
    await world.memory.delete(scope, first.id)
    again = await world.memory.add(scope, agent, "again and again")
    assert again.id == first.id
    await world.worker.work()
    assert [state for state, *_ in await states(store)] == ["pending"], "its removal comes first"
    broken.away = False
    async with store.of_system() as connection:
        await connection.execute(update(vector_removals).values(next_at=func.now()))
    await world.settle()
    assert [state for state, *_ in await states(store)] == ["stored"]
    assert await broken.count(scope.tenant(agent)) == 1


async def test_another_model_makes_all_vectors_anew(store: Database) -> None:
    """In the background; until then words find, and those that are done. Then the old model's vectors are dropped."""
    old, scope = a_memory(store, WordEmbedder("words/1")), await a_user(store)
    agent = await an_agent(scope)
    for number in range(3):
        await old.memory.add(scope, agent, f"Fact {number}")
    await old.settle()
    new = a_memory(store, WordEmbedder("words/2"))
    await new.worker.keep_up()
    assert [state for state, *_ in await states(store)] == ["pending"] * 3
    assert len(await new.memory.search(scope, agent, "fact")) == 3
    await new.settle()
    await new.worker.keep_up()
    assert await states(store) == [("stored", "words/2", 0)] * 3
    there = text("SELECT to_regclass(:name) IS NOT NULL")
    for model, expected in (("words/1", False), ("words/2", True)):
        assert await value(store, there.bindparams(name=table_of(model, 64).name)) is expected


async def test_processes_share_the_work_and_take_nothing_twice(store: Database) -> None:
    """Each row is embedded once; and what a process took and died with is taken by another one after its lease."""
    options = MemoryOptions(batch=3, lease=0.0)
    worlds: list[MemoryWorld] = [a_memory(store, WordEmbedder(), MemoryOptions(batch=3)) for _ in range(3)]
    scope = await a_user(store)
    agent = await an_agent(scope)
    for number in range(20):
        await worlds[0].memory.add(scope, agent, f"Fact number {number}")
    await asyncio.gather(*(world.settle() for world in worlds))
    embedded = [
        said for world in worlds if isinstance(world.embedder, WordEmbedder) for said in world.embedder.embedded
    ]
    assert sorted(embedded) == sorted(f"Fact number {number}" for number in range(20))
    dying, heir = a_memory(store, WordEmbedder(), options), a_memory(store, WordEmbedder(), options)
    await worlds[0].memory.add(scope, agent, "left behind")
    async with store.of_system() as connection:
        assert len(await dying.worker._claim(connection)) == 1
    await heir.settle()
    assert {state for state, *_ in await states(store)} == {"stored"}


async def test_a_memory_that_changes_while_it_is_embedded_waits_for_its_own_vector(store: Database) -> None:
    """A vector of the old text isn't taken for that of the new one; and of a deleted one none is stored."""

    class Meanwhile(WordEmbedder):
        async def embed(self, texts: Sequence[str]) -> list[list[float]]:
            if "first text" in texts:
                await world.memory.change(scope, item.id, {"text": "second text"})
                await world.memory.delete(scope, other.id)
            return await super().embed(texts)

    world, scope = a_memory(store, Meanwhile()), await a_user(store)
    agent = await an_agent(scope)
    item, other = await world.memory.add(scope, agent, "first text"), await world.memory.add(scope, agent, "gone soon")
    await world.worker.work()
    assert [state for state, *_ in await states(store)] == ["pending"]
    await world.settle()
    (found,) = await world.memory.search(scope, agent, "second text")
    assert found.parts["cosine"] > 0.99
    assert await (await world.vectors.pair()).index.count(scope.tenant(agent)) == 1


async def test_it_works_by_itself_once_started(store: Database) -> None:
    """Woken by what is written, also after a trouble; and it counts."""
    world, scope = a_memory(store, options=MemoryOptions(retry=0.01, upkeep=60.0)), await a_user(store)
    agent = await an_agent(scope)
    assert isinstance(world.embedder, WordEmbedder)
    world.embedder.failing = "not yet"
    world.worker.start()
    item = await world.memory.add(scope, agent, "some text")
    await until(lambda: bool(world.measures.failures["embedding"]))
    world.embedder.failing = ""
    async with store.of_system() as connection:
        await connection.execute(update(memories).values(embedding_next_at=func.now()))
    while (await world.memory.get(scope, item.id)).embedding != "stored":
        world.worker.wake()
        await asyncio.sleep(0.01)
    await world.worker.stop()
    measures = Measures()
    counting = MemoryWorker(store, None, MemoryOptions(), measures)
    await counting.keep_up()
    assert (measures.vectors, measures.waiting, measures.removals) == (1, 0, 0)

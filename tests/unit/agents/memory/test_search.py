"""Both searches together: on a real PostgreSQL with pgvector, and with vectors that are away."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import event

from agents.memory.item import Filter
from agents.memory.memory import Memory
from agents.memory.search import CANDIDATES, fused_of
from agents.ports import VectorHit
from agents.store.database import Database
from tests.agents_kit import a_user
from tests.memory_kit import WordEmbedder, a_memory, an_agent

A, B = UUID(int=1), UUID(int=2)


def test_one_common_word_does_not_outweigh_the_meaning() -> None:
    """A word hit counts by the square of what it has of the question; all of it counts as much as the nearest."""
    nearest = [VectorHit(A, 0.9), VectorHit(B, 0.8)]
    fused = fused_of([(B, 0.1)], nearest)
    assert fused[A] > fused[B]
    fused = fused_of([(B, 1.0)], nearest)
    assert fused[B] > fused[A]
    assert fused_of([], nearest)[A] == pytest.approx(1.0)


async def test_each_result_says_why_it_is_there(store: Database) -> None:
    """The parts that are summed, and beside them what both searches said."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    await world.memory.add(scope, agent, "The port is 8765")
    await world.settle()
    (found,) = await world.memory.search(scope, agent, "port")
    summed = {"fused", "overlap", "question", "importance", "pinned", "recency"}
    assert found.score == pytest.approx(sum(found.parts[name] for name in summed))
    assert set(found.parts) - summed == {"words", "cosine"}


async def test_a_filter_finds_by_meaning_what_is_far_behind(store: Database) -> None:
    """What the filter lets through is searched, not the nearest of all filtered."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    for number in range(CANDIDATES + 10):
        await world.memory.add(scope, agent, f"lighthouse {'lighthouse ' * number}")
    far = await world.memory.add(scope, agent, "unrelated", "note")
    await world.settle()
    plain = await world.memory.search(scope, agent, "lighthouse", limit=CANDIDATES)
    assert far.id not in {one.item.id for one in plain}
    (found,) = await world.memory.search(scope, agent, "lighthouse", Filter(kind="note"))
    assert found.item.id == far.id
    assert found.parts["cosine"] < 0.5
    assert await world.memory.search(scope, agent, "lighthouse", Filter(kind="preference")) == []


async def test_a_model_that_hangs_is_not_waited_for(store: Database) -> None:
    """Words answer after the patience; it is counted."""

    class Hanging(WordEmbedder):
        hangs = False

        async def embed(self, texts: Sequence[str]) -> list[list[float]]:
            if self.hangs:
                raise TimeoutError
            return await super().embed(texts)

    model = Hanging()
    world, scope = a_memory(store, model), await a_user(store)
    agent = await an_agent(scope)
    await world.memory.add(scope, agent, "The port is 8765")
    await world.settle()
    model.hangs = True
    (found,) = await world.memory.search(scope, agent, "port")
    assert "cosine" not in found.parts
    assert world.measures.searches["late"] == 1
    assert await world.memory.recall(scope, agent, "port", 0) == []
    assert await world.memory.recall(scope, agent, "", 5) == []


async def test_recall_is_one_transaction_of_one_statement(store: Database) -> None:
    """By words alone; also for an agent that remembers nothing of it. Whether there is the agent is asked then."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    await world.memory.add(scope, agent, "The port is 8765")
    done: list[str] = []
    engine = store.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *given: done.append(given[2].split()[0]))
    event.listen(engine, "commit", lambda _: done.append("COMMIT"))
    assert len(await Memory().recall(scope, agent, "port", 5)) == 1
    assert done == ["WITH", "COMMIT"]
    assert await Memory().recall(scope, agent, "lighthouse", 5) == []
    assert done[2:] == ["WITH", "SELECT", "COMMIT"]

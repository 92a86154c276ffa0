"""The agents' memory on the hub. What it does is in tests/integration/test_agent_memory.py."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import CollectorRegistry

from agents.ports import Embedder, IndexUnavailable
from agents.store.database import Database, DatabaseOptions
from agents.store.scope import Scope
from channels.clock import SystemClock
from channels.errors import ReplyError
from channels.push import Push
from hub.adapters.agents.memory import AgentMemory, memory_options
from hub.sections.agents import AgentsOptions
from tests.agents_kit import a_user, agents_dsn, agents_template, store
from tests.live import until
from tests.memory_kit import WordEmbedder, an_agent
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres", "store"]


def made(store: Database, **options: Any) -> AgentMemory:
    return AgentMemory(AgentsOptions(**options), store, Push(), SystemClock())


def test_each_option_gets_to_where_it_counts() -> None:
    """None is lost, none is another one."""
    memory = {"limit": 11, "warning": 0.5, "pruned": 0.3, "part_bytes": 300, "parts": 2, "patience": 4.0}
    embedding = {"batch": 5, "lease": 6.0, "retry": 7.0, "retry_most": 8.0, "upkeep": 9.0}
    bounds = memory_options(AgentsOptions.model_validate({"memory": memory, "embedding": embedding}))
    assert {name: getattr(bounds, name) for name in memory | embedding} == memory | embedding


async def test_an_agent_is_forgotten_with_its_memory_and_twice_is_once(store: Database) -> None:
    """Also after its row is gone; but not somebody else's."""
    memory = made(store, embedding={"provider": "none"})
    scope, stranger = await a_user(store), await a_user(store)
    agent = await an_agent(scope)
    await memory.memory.add(scope, agent, "a fact")
    await memory.prepare(scope, agent)
    await memory.forget(stranger, agent)
    assert len(await memory.memory.list(scope, agent)) == 1
    await memory.forget(scope, agent)
    await memory.forget(scope, uuid4())
    assert await memory.memory.list(scope, agent) == []
    away = Database(DatabaseOptions("postgresql://u@/d?host=/nowhere"))
    with pytest.raises(ReplyError):
        await memory.forget(Scope(away, uuid4(), "ann"), agent)


async def test_an_agent_is_not_made_when_its_vectors_can_not_be_stored(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as the model isn't there nobody can tell, and it may be made; what is remembered waits."""
    away = {"store": "qdrant", "qdrant_url": "http://127.0.0.1:9"}

    async def load() -> Embedder:
        return WordEmbedder()

    monkeypatch.setattr("hub.adapters.agents.memory.embedder_loader", lambda _: load)
    memory = made(store, vectors=away)
    scope = await a_user(store)
    await memory.prepare(scope, uuid4())
    memory.start()
    vectors = memory._vectors
    assert vectors is not None
    await until(lambda: vectors.loaded)
    with pytest.raises(IndexUnavailable):
        await memory.prepare(scope, uuid4())
    await memory.stop()


async def test_the_metrics_name_nobody(store: Database) -> None:
    """Counts, times and states; each described."""
    memory = made(store, embedding={"provider": "none"})
    memory.measures.searches["ok"] += 1
    memory.measures.search_seconds.observe(0.003)
    registry = CollectorRegistry()
    registry.register(memory)
    text = generate_latest(registry).decode()
    assert 'tocsin_agent_memory_searches_total{outcome="ok"} 1.0' in text
    assert 'tocsin_agent_memory_search_seconds_bucket{le="0.005"} 1.0' in text
    assert "tocsin_agent_memory_waiting 0.0" in text

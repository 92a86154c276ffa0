"""An agent's memory, as a run uses it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

from agents.catalog.agent import Agent, AgentConfig
from agents.memory.episode import Episode
from agents.memory.item import Recalled
from agents.runs.options import RunOptions
from agents.runs.recollection import QUERY_MAX, Context, Recollection
from agents.store.database import Database, DatabaseOptions
from agents.store.scope import Scope

NOW = datetime(2026, 11, 2, tzinfo=UTC)
SCOPE = Scope(Database(DatabaseOptions("postgresql://nobody@nowhere/none")), uuid4(), "alice")
AGENT = Agent(uuid4(), "coder", AgentConfig(), "ready", 1, NOW, NOW)
OPTIONS = RunOptions(recall=0.02, remember=0.02)


class Slow:
    """A memory that never answers."""

    def __init__(self) -> None:
        self.cancelled = 0
        self.query = ""

    async def recall(self, scope: Scope, agent_id: UUID, query: str, limit: int) -> list[Recalled]:
        self.query = query
        await self._never()
        return []

    async def remember(self, scope: Scope, agent_id: UUID, episode: Episode) -> UUID | None:
        await self._never()
        return None

    async def _never(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled += 1


async def test_a_memory_that_is_slow_is_left_behind() -> None:
    """After its time; the run is told why it has nothing. A long message is searched by its beginning."""
    memory = Slow()
    recollection = Recollection(memory, OPTIONS)
    context = await recollection.recall(SCOPE, AGENT, "x" * 100_000)
    await recollection.remember(SCOPE, AGENT, Episode("Hi", "Hello"))
    assert (list(context.items), "0.02 s" in context.warning) == ([], True)
    assert (memory.cancelled, len(memory.query)) == (2, QUERY_MAX)


async def test_without_a_memory_there_is_nothing() -> None:
    """Nor anything to warn of."""
    recollection = Recollection(None, OPTIONS)
    assert await recollection.recall(SCOPE, AGENT, "Hi") == Context()
    await recollection.remember(SCOPE, AGENT, Episode("Hi"))

"""How the agents are put together."""

from __future__ import annotations

from agents.bus.memory_queue import MemoryQueue
from tests.agents_kit import agents_dsn, agents_hub, agents_template
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres"]


async def test_all_parts_serve_one_agent(agents_dsn: str) -> None:
    """An agent that is made has its memory; one that is deleted takes it along. Without Redis queues are in memory."""
    options = {"agents__embedding__provider": "none", "agents__runs__drain": 0.0}
    async with agents_hub(agents_dsn, **options) as live:
        assert live.hub.adapters.agents is not None
        parts = live.hub.adapters.agents.parts
        assert isinstance(parts.queue, MemoryQueue)
        assert [model.name for model in parts.models.models] == ["offline/retrieval"]
        assert live.hub.engine.gate.membership is not None
        scope = await parts.members.scope("ann")
        agent = await parts.catalog.create(scope, "coder")
        await parts.memory.memory.add(scope, agent.id, "Boris is a cat")
        await parts.catalog.delete(scope, agent.id)
        assert await parts.catalog.list(scope) == []

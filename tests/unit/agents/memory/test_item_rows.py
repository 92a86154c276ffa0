"""How memories are read from their table."""

from __future__ import annotations

from uuid import uuid4

from agents.memory.item_rows import COLUMNS, item_of
from agents.store.database import Database
from agents.store.tables import memories, user_agents
from tests.agents_kit import a_user


async def test_every_field_is_read(store: Database) -> None:
    """As it was stored."""
    scope, agent, memory = await a_user(store), uuid4(), uuid4()
    async with scope.begin() as work:
        await work.run(work.insert(user_agents, id=agent, name="coder"))
        said = {"kind": "fact", "text": "Boris is a cat", "source": {"part": 1}, "pinned": True, "success": False}
        await work.run(work.insert(memories, id=memory, agent_id=agent, importance=0.75, **said))
        [row] = await work.all(work.select(memories, *COLUMNS))
    item = item_of(row)
    assert (item.id, item.agent_id, item.importance, item.embedding) == (memory, agent, 0.75, "none")
    assert {name: getattr(item, name) for name in said} == said

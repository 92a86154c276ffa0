from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from agents.memory.item import Item, Usage
from channels.push import Push
from hub.adapters.agents.memory_updates import ToldMemories
from integrations.memory_updates import MemoryUpdates

AGENT, MEMORY, SESSION = UUID(int=1), UUID(int=2), UUID(int=3)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
ITEM = Item(
    MEMORY, AGENT, "episode", "The dog\nis Rex", {"session_id": str(SESSION)}, 0.5, False, None, "none", NOW, NOW
)


def test_the_owner_gets_everything_and_everyone_else_numbers() -> None:
    """Each change is one message on the owner's channel; no message of it is on the shared one."""
    said: list[tuple[str, str, Any]] = []

    def publish(channel: str, type: str, data: Any) -> bool:
        said.append((channel, type, data))
        return True

    updates = MemoryUpdates(Push(publish), now=lambda: 0.0)
    told = ToldMemories(updates)
    told.created("ann", ITEM, AGENT)
    told.changed("ann", ITEM, ["text"], None)
    told.deleted("ann", MEMORY)
    told.pruned("ann", AGENT, [MEMORY] * 150, "over the limit of 10")
    told.nearly_full("ann", AGENT, Usage(8, 10, True, False))
    updates.flush()
    assert [(channel, type) for channel, type, _ in said] == [
        ("user:ann", "memory_created"),
        ("user:ann", "memory_changed"),
        ("user:ann", "memory_deleted"),
        ("user:ann", "memory_pruned"),
        ("user:ann", "memory_nearly_full"),
        ("memory_updates", "memory_counts"),
    ]
    created, changed, _, pruned, full, counts = (data for *_, data in said)
    assert (created["agent"], created["summary"], created["source"]) == (str(AGENT), "The dog is Rex", str(SESSION))
    assert (changed["agent"], changed["changed"]) == (None, ["text"])
    assert (pruned["count"], len(pruned["memory_ids"])) == (150, 100)
    assert full == {"owner": "ann", "agent": str(AGENT), "count": 8, "limit": 10}
    assert {name: counts[name] for name in ("created", "changed", "pruned", "deleted")} == {
        "created": 1,
        "changed": 1,
        "pruned": 150,
        "deleted": 1,
    }
    assert updates.outcomes == {"told": 5}

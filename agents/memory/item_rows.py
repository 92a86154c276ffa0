"""How memories are read from their table."""

from __future__ import annotations

from typing import Final

from sqlalchemy.engine import RowMapping

from agents.memory.item import Item
from agents.store.tables import memories

COLUMNS: Final = (
    memories.c.id,
    memories.c.agent_id,
    memories.c.kind,
    memories.c.text,
    memories.c.source,
    memories.c.importance,
    memories.c.pinned,
    memories.c.success,
    memories.c.embedding_state,
    memories.c.created_at,
    memories.c.updated_at,
)


def item_of(row: RowMapping) -> Item:
    """Read a row of `COLUMNS`."""
    return Item(
        id=row["id"],
        agent_id=row["agent_id"],
        kind=row["kind"],
        text=row["text"],
        source=row["source"],
        importance=row["importance"],
        pinned=row["pinned"],
        success=row["success"],
        embedding=row["embedding_state"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )

"""What agents remember and forget, told on the hub's channels."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from agents.memory.item import Item, Usage
from integrations.memory_updates import MemoryUpdates


class ToldMemories:
    """Tells of memories: in full on the owner's channel, as numbers on `memory_updates`."""

    def __init__(self, updates: MemoryUpdates) -> None:
        self._updates = updates

    def created(self, subject: str, item: Item, agent: UUID | None) -> None:
        """Say that something new is remembered."""
        session = item.source.get("session_id")
        self._updates.created(
            subject,
            str(item.id),
            kind=item.kind,
            summary=item.text,
            agent=_name(agent),
            importance=item.importance,
            source=session if isinstance(session, str) else None,
        )

    def changed(self, subject: str, item: Item, fields: Sequence[str], agent: UUID | None) -> None:
        """Say that a memory is another one now."""
        self._updates.changed(
            subject,
            str(item.id),
            kind=item.kind,
            summary=item.text,
            changed=fields,
            agent=_name(agent),
            importance=item.importance,
        )

    def deleted(self, subject: str, memory: UUID) -> None:
        """Say that the user deleted a memory."""
        self._updates.deleted(subject, str(memory))

    def pruned(self, subject: str, agent: UUID, memories: Sequence[UUID], reason: str) -> None:
        """Say that memories were forgotten together."""
        self._updates.pruned(subject, len(memories), reason, map(str, memories), agent=_name(agent))

    def nearly_full(self, subject: str, agent: UUID, usage: Usage) -> None:
        """Warn the user, on the user's own channel alone."""
        self._updates.nearly_full(subject, str(agent), usage.count, usage.limit)


def _name(agent: UUID | None) -> str | None:
    return None if agent is None else str(agent)

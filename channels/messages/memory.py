"""What agents remember and forget: in full for the owner alone, as numbers for everybody."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from channels.messages.fields import Amount, Count, Line, Message, Name

MOST_IDS: Final = 100
"""Memories that one message names at most."""

Ids = Annotated[list[Name], Field(max_length=MOST_IDS)]


class _OneMemory(Message):
    owner: Name = Field(description="user whose memory it is, and the only one who gets this message")
    memory_id: Name = Field(description="the same from created to deleted")
    agent: Name | None = Field(None, description="agent that did it; null: the owner")


class MemoryCreated(_OneMemory):
    """Something new is remembered."""

    type: ClassVar[str] = "memory_created"

    kind: Name = Field(description="kind of memory, such as fact, preference or episode")
    summary: Line = Field(description="what is remembered, in one line")
    importance: float | None = Field(None, ge=0, le=1, description="how much it counts, from 0 to 1")
    source: Name | None = Field(None, description="conversation or document that it comes from")


class MemoryChanged(_OneMemory):
    """What is remembered was corrected, merged or weighed anew."""

    type: ClassVar[str] = "memory_changed"

    kind: Name = Field(description="kind of memory, such as fact, preference or episode")
    summary: Line = Field(description="what is remembered now, in one line")
    changed: Annotated[list[Name], Field(max_length=32)] = Field(
        default_factory=list, description="fields that are different now"
    )
    importance: float | None = Field(None, ge=0, le=1, description="how much it counts now, from 0 to 1")
    reason: Line | None = None


class MemoryPruned(Message):
    """Memories were forgotten together, because they were old, unimportant or too many."""

    type: ClassVar[str] = "memory_pruned"

    owner: Name = Field(description="user whose memories they were, and the only one who gets this message")
    count: Count = Field(description="memories that were forgotten")
    reason: Line = Field(description="why, such as expired or over the limit")
    memory_ids: Ids = Field(
        default_factory=list, description=f"which; the first {MOST_IDS}, so there may be fewer than count"
    )
    agent: Name | None = Field(None, description="agent that did it; null: the owner, or the hub's own upkeep")


class MemoryNearlyFull(Message):
    """An agent's memory came to where the oldest go soon. Told once on the way up."""

    type: ClassVar[str] = "memory_nearly_full"

    owner: Name = Field(description="user whose agent it is, and the only one who gets this message")
    agent: Name = Field(description="agent whose memory it is")
    count: Count = Field(description="memories that it has")
    limit: Count = Field(description="memories at which the oldest go, those alone that aren't pinned")


class MemoryDeleted(_OneMemory):
    """One memory was deleted."""

    type: ClassVar[str] = "memory_deleted"

    reason: Line | None = None


class MemoryCounts(Message):
    """How many memories changed, of all owners together. It tells neither whose, nor which, nor when exactly."""

    type: ClassVar[str] = "memory_counts"

    seconds: Amount = Field(description="time that is counted over, in seconds, up to now")
    created: Count
    changed: Count
    pruned: Count = Field(description="memories, not prunings")
    deleted: Count

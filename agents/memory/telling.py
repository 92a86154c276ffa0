"""Who is told of what is remembered and forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from agents.memory.item import Item, Usage


class Telling(Protocol):
    """Hears of each change after it was committed. Never waits, never raises.

    `subject` names the user; `agent` is the agent that did it, `None`: the user.
    """

    def created(self, subject: str, item: Item, agent: UUID | None) -> None:
        """Something new is remembered."""

    def changed(self, subject: str, item: Item, fields: Sequence[str], agent: UUID | None) -> None:
        """A memory is another one now; `fields` are those that are different."""

    def deleted(self, subject: str, memory: UUID) -> None:
        """The user deleted a memory."""

    def pruned(self, subject: str, agent: UUID, memories: Sequence[UUID], reason: str) -> None:
        """Memories of an agent were forgotten together."""

    def nearly_full(self, subject: str, agent: UUID, usage: Usage) -> None:
        """An agent's memory came to where the oldest go soon. Told once on the way up."""


class Silence:
    """Tells nobody."""

    def created(self, subject: str, item: Item, agent: UUID | None) -> None:
        pass

    def changed(self, subject: str, item: Item, fields: Sequence[str], agent: UUID | None) -> None:
        pass

    def deleted(self, subject: str, memory: UUID) -> None:
        pass

    def pruned(self, subject: str, agent: UUID, memories: Sequence[UUID], reason: str) -> None:
        pass

    def nearly_full(self, subject: str, agent: UUID, usage: Usage) -> None:
        pass

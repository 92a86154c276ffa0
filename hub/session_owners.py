"""Who belongs to `session:ID`: beside those who were added, the user whose chat session it is."""

from __future__ import annotations

from typing import Final, Protocol
from uuid import UUID

from channels.model import namespace_of
from channels.ports import Membership


class ChatSessions(Protocol):
    """What the agents tell of chat sessions. Both raise `ReplyError` (`unavailable`) while they can't."""

    async def owner_of(self, session_id: UUID) -> str | None:
        """Return the owner of a session, as tokens name it; `None` when there is no such session."""

    async def is_of(self, session_id: UUID, subject: str) -> bool:
        """Tell whether a session is a user's. A refusal takes as long whether or not it is there."""


class SessionOwners:
    """A membership that asks the agents about chat sessions; for everything else it is the one below.

    Attributes:
        chats: knows the chat sessions; set by the agents, when there are any.
    """

    def __init__(self, below: Membership) -> None:
        self.chats: ChatSessions | None = None
        self._below: Final = below

    async def add(self, channel: str, user: str) -> None:
        await self._below.add(channel, user)

    async def remove(self, channel: str, user: str) -> None:
        await self._below.remove(channel, user)

    async def contains(self, channel: str, user: str) -> bool:
        if self.chats is not None and (session := _session(channel)) is not None:
            return await self.chats.is_of(session, user)
        return await self._below.contains(channel, user)

    async def members(self, channel: str) -> frozenset[str]:
        if self.chats is not None and (session := _session(channel)) is not None:
            return frozenset(filter(None, (await self.chats.owner_of(session),)))
        return await self._below.members(channel)


def _session(channel: str) -> UUID | None:
    """Return the chat session that a channel is of; its id is a UUID."""
    space = namespace_of(channel)
    if space is None or space[0] != "session":
        return None
    try:
        return UUID(space[1])
    except ValueError:
        return None

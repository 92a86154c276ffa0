"""Whose a session is, as tokens name users. Asked for every subscription of `session:ID`, so it is remembered."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select

from agents.sessions.together import Together
from agents.store.database import Database
from agents.store.tables import chat_sessions, users

KNOWN_MAX: Final = 100_000
"""Sessions whose owner is remembered, about 300 bytes each; beyond it the oldest is looked up anew."""


class Owners:
    """Finds owners. A session never changes hands, and a deleted one's id never comes back."""

    def __init__(self, database: Database, most: int = KNOWN_MAX) -> None:
        self._database = database
        self._most = most
        self._known: dict[UUID, str | None] = {}
        self._together: Together[str | None] = Together()

    async def of(self, session_id: UUID) -> str | None:
        """Return the subject of a session's owner; `None` when there is no such session. Not for refusals that users
        see: see `is_of`.

        Raises:
            ReplyError: `unavailable`.
        """
        if session_id in self._known:
            return self._known[session_id]
        return await self._together.read(session_id, lambda: self._find(session_id))

    async def is_of(self, session_id: UUID, subject: str) -> bool:
        """Tell whether a session is a user's. Its owner is told from memory. For anybody else it is looked up each
        time, so that the time of a refusal doesn't say whether there is such a session.

        Raises:
            ReplyError: `unavailable`.
        """
        if self._known.get(session_id) == subject:
            return True
        return await self._together.read(session_id, lambda: self._find(session_id)) == subject

    async def _find(self, session_id: UUID) -> str | None:
        async with self._database.of_system() as connection:
            owner: str | None = await connection.scalar(
                select(users.c.subject)
                .join(chat_sessions, chat_sessions.c.user_id == users.c.id)
                .where(chat_sessions.c.id == session_id)
            )
        # An id that nobody has may be that of a session tomorrow.
        if owner is not None and session_id not in self._known:
            self._keep(session_id, owner)
        return self._known.get(session_id)

    def deleted(self, session_id: UUID) -> None:
        """Note that a session is no longer there."""
        self._known.pop(session_id, None)
        self._keep(session_id, None)

    def _keep(self, session_id: UUID, owner: str | None) -> None:
        if len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[session_id] = owner

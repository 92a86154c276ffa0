"""Events that the hub's channels may not have yet: what the relay asks the database, for all users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, select, update

from agents.sessions.event import Event
from agents.store.database import Database
from agents.store.tables import chat_sessions, session_events

_READ: Final = (
    select(session_events)
    .where(session_events.c.session_id == bindparam("session"), session_events.c.seq > bindparam("after"))
    .order_by(session_events.c.seq)
    .limit(bindparam("most"))
)
_MARK: Final = (
    update(chat_sessions)
    .where(chat_sessions.c.id == bindparam("session"), chat_sessions.c.published_seq < bindparam("up_to"))
    .values(published_seq=bindparam("up_to"))
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """A session whose row says that its channel lacks events."""

    session_id: UUID
    published: int
    last: int


class Outbox:
    """Reads and marks, with the rights of the system: the relay serves all users."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, session_id: UUID, after: int, limit: int) -> list[Event]:
        """Read events of a session, oldest first.

        Raises:
            ReplyError: `unavailable`.
        """
        async with self._database.of_system() as connection:
            found = await connection.execute(_READ, {"session": session_id, "after": after, "most": limit})
            return [Event.of(row) for row in found.mappings()]

    async def mark(self, published: Mapping[UUID, int]) -> None:
        """Note up to which number channels have the events of sessions. Never goes back.

        Raises:
            ReplyError: `unavailable`.
        """
        # In one order, so that two processes that mark the same sessions don't wait for each other in a circle.
        rows = [{"session": session, "up_to": seq} for session, seq in sorted(published.items())]
        async with self._database.of_system() as connection:
            await connection.execute(_MARK, rows)

    async def backlogs(self, seconds: float, limit: int) -> list[Backlog]:
        """Find sessions that changed within `seconds` and whose channels may lack events, the newest first.

        Raises:
            ReplyError: `unavailable`.
        """
        columns = chat_sessions.c
        async with self._database.of_system() as connection:
            found = await connection.execute(
                select(columns.id, columns.published_seq, columns.last_seq)
                .where(
                    columns.updated_at > func.now() - timedelta(seconds=seconds),
                    columns.published_seq < columns.last_seq,
                )
                .order_by(columns.updated_at.desc())
                .limit(limit)
            )
            return [Backlog(*row) for row in found]

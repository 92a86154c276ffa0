"""The log of a session: what happened, in one order, without a gap. It is written first and told afterwards.

Writers of one session come one after the other: each locks the session's row, takes the next numbers, and writes the
events in the transaction that changes what they tell about. Undone together, committed together, so numbers have no
holes. What was committed is handed to the relay, which tells the hub's channel; the writer doesn't wait for that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from agents.sessions.entry import Entry
from agents.sessions.event import Event
from agents.store.scope import Scope, Work
from agents.store.tables import chat_sessions, session_events
from channels.errors import ErrorCode, ReplyError

PAGE_MAX: Final = 1_000
"""Events that are read at once."""


class Teller(Protocol):
    """What tells the world of events that were written (`agents.sessions.relay.Relay`)."""

    def known(self, session_id: UUID) -> int:
        """Up to which number the hub's channel is known here to have a session's events; 0 when it isn't known."""

    def tell(self, session_id: UUID, published: int, events: list[Event]) -> None:
        """Tell of events that were just committed.

        Args:
            published: up to which the channel was known to have them when the session was locked.
        """


class EventLog:
    """Writes and reads the logs of sessions."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    @asynccontextmanager
    async def write(self, scope: Scope, session_id: UUID) -> AsyncIterator[Entry]:
        """Begin a transaction with a session locked. When the block ends well, what was appended is committed, and
        then told in the background; when it raises, nothing has happened.

        Raises:
            ReplyError: `not_found` when the session isn't the user's; `unavailable`.
        """
        async with scope.begin() as work, self.go_on(work, session_id) as entry:
            yield entry
        self.tell(entry)

    @asynccontextmanager
    async def go_on(self, work: Work, session_id: UUID) -> AsyncIterator[Entry]:
        """Lock a session in a transaction that has begun, and write what was appended at the end of the block. Call
        `tell` once it is committed.

        Raises:
            ReplyError: `not_found`.
        """
        entry = await Entry.lock(work, session_id)
        yield entry
        await entry.write(self._teller.known(session_id))

    def tell(self, entry: Entry) -> None:
        """Tell what was appended, in the background."""
        if entry.events:
            self._teller.tell(entry.session_id, entry.published, entry.events)

    async def read(self, scope: Scope, session_id: UUID, after: int = 0, limit: int = 100) -> list[Event]:
        """Read events, oldest first. An unknown session has none. Pieces of answers that are complete may be missing
        (`agents.sessions.upkeep`).

        Args:
            after: the number that they come after.
            limit: how many at most, up to `PAGE_MAX`.

        Raises:
            ReplyError: `unavailable`.
        """
        columns = session_events.c
        async with scope.begin() as work:
            rows = await work.all(
                work.select(session_events)
                .where(columns.session_id == session_id, columns.seq > after)
                .order_by(columns.seq)
                .limit(min(limit, PAGE_MAX))
            )
        return [Event.of(row) for row in rows]

    async def last(self, scope: Scope, session_id: UUID) -> int:
        """Return the newest event's number.

        Raises:
            ReplyError: `not_found`, `unavailable`.
        """
        async with scope.begin() as work:
            found = await work.scalar(
                work.select(chat_sessions, chat_sessions.c.last_seq).where(chat_sessions.c.id == session_id)
            )
        if found is None:
            raise ReplyError(ErrorCode.NOT_FOUND, f"no session has the id {session_id}")
        return int(found)

    async def before(self, scope: Scope, session_id: UUID, time: datetime) -> int:
        """Return the number of the last event before a time; 0 when there is none.

        Raises:
            ReplyError: `unavailable`.
        """
        columns = session_events.c
        async with scope.begin() as work:
            found = await work.scalar(
                work.select(session_events, columns.seq)
                .where(columns.session_id == session_id, columns.created_at < time)
                .order_by(columns.seq.desc())
                .limit(1)
            )
        return int(found or 0)

"""Writes what happens in a run, as long as it is this process's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar
from uuid import UUID

from agents.sessions.entry import Entry
from agents.sessions.log import EventLog
from agents.store.scope import Scope
from agents.store.tables import tasks
from channels.errors import ErrorCode, ReplyError

T = TypeVar("T")

RETRY: Final = (0.05, 1.0)
"""Seconds between two tries to write while the database is away: at first, and at most. Each time twice as long."""


class Lost(Exception):
    """The run is no longer this process's: its lease ended, and somebody else has ended it or begun it again."""


class Pen:
    """Writes events of one run.

    Who takes a run away appends an event. So as long as the log's newest event is the one that was written here last,
    the run is still this process's, and nothing has to be asked.

    Args:
        node: this process's name; the run's row has it.
        seq: of the event that was written last, when the run was claimed.
    """

    def __init__(self, log: EventLog, scope: Scope, session_id: UUID, run_id: UUID, node: str, seq: int) -> None:
        self._log = log
        self._scope = scope
        self._session_id = session_id
        self._node = node
        self.run_id: Final = run_id
        self.seq = seq

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Entry]:
        """Begin a transaction with the session locked.

        Raises:
            Lost: the run isn't this process's any more; nothing is written. Also when the session was deleted.
            ReplyError: `unavailable`, `not_found`.
        """
        async with self._log.write(self._scope, self._session_id) as entry:
            if entry.seq != self.seq and not await self._is_held(entry):
                raise Lost
            yield entry
        self.seq = max(self.seq, entry.seq)

    async def persist(self, write: Callable[[Entry], Awaitable[T]]) -> T:
        """Write, however long the database is away.

        Raises:
            Lost: see `write`.
        """
        delay = RETRY[0]
        while True:
            try:
                async with self.write() as entry:
                    written = await write(entry)
            except ReplyError as error:
                if error.code is not ErrorCode.UNAVAILABLE:
                    raise Lost from error
                await asyncio.sleep(delay)
                delay = min(RETRY[1], 2 * delay)
            else:
                return written

    async def _is_held(self, entry: Entry) -> bool:
        columns = tasks.c
        row = await entry.work.one(
            entry.work.select(tasks, columns.status, columns.node).where(columns.id == self.run_id)
        )
        return row is not None and row["status"] == "running" and row["node"] == self._node

"""Keeps logs small: pieces of answers go when the answer has been there for some time.

They are most of a log, and of use only to who watches an answer being written. Who comes back later with a position
among them is told of the gap and gets a snapshot, in which the answer stands whole. All other events stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select, tuple_

from agents.sessions.entry import DELTA
from agents.store.columns import is_one_of
from agents.store.database import Database
from agents.store.tables import TASK_ENDED, chat_sessions, session_events, tasks
from channels.errors import ReplyError

log = structlog.get_logger(__name__)

BATCH: Final = 5_000
"""Events that one statement removes: some ten milliseconds, in which nobody waits for them."""

SESSIONS: Final = 50
"""Sessions that one statement looks at."""

EVERY: Final = 300.0
"""Seconds between two rounds."""

PAST: Final = 7 * 86_400.0
"""Seconds within which a session must have changed for the first round, which looks for what was left before."""

Turn = Callable[[float], Awaitable[bool]]
"""Asks whether it is this process's turn for some seconds: one of them does the work for all."""


async def _always(_seconds: float) -> bool:
    return True


class Upkeep:
    """Removes old pieces of answers, of all users.

    Args:
        retention: seconds after the end of a run for which its pieces stay.

    Attributes:
        removed: events that this process has removed.
    """

    def __init__(self, database: Database, retention: float, turn: Turn = _always, every: float = EVERY) -> None:
        self._database = database
        self._retention = retention
        self._turn = turn
        self._every = every
        self._task: asyncio.Task[None] | None = None
        self.removed = 0

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="sessions' upkeep")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        span = PAST
        while True:
            try:
                if await self._turn(self._every * 0.9):
                    await self.round(span)
                    span = 2 * self._every
            except ReplyError as error:
                log.debug("old pieces of answers stay for now", reason=error.message)
            except Exception:
                log.exception("old pieces of answers can't be removed")
            await asyncio.sleep(self._every)

    async def round(self, seconds: float) -> int:
        """Remove what became due within the last `seconds`; return how many events that were.

        Raises:
            ReplyError: `unavailable`.
        """
        removed = 0
        # A session's last piece is due so long after the session last changed.
        sessions = await self._changed_within(self._retention + seconds)
        for begin in range(0, len(sessions), SESSIONS):
            while count := await self._remove(sessions[begin : begin + SESSIONS]):
                removed += count
                self.removed += count
        return removed

    async def _changed_within(self, seconds: float) -> list[UUID]:
        columns = chat_sessions.c
        async with self._database.of_system() as connection:
            found = await connection.scalars(
                select(columns.id).where(columns.updated_at > func.now() - timedelta(seconds=seconds))
            )
            return list(found)

    async def _remove(self, sessions: Sequence[UUID]) -> int:
        columns = session_events.c
        due = (
            select(columns.session_id, columns.seq)
            .join(tasks, tasks.c.id == columns.task_id)
            .where(
                columns.session_id.in_(sessions),
                is_one_of(columns.type, (DELTA,)),  # the condition of an index of pieces alone
                is_one_of(tasks.c.status, TASK_ENDED),
                tasks.c.completed_at < func.now() - timedelta(seconds=self._retention),
            )
            .limit(BATCH)
        )
        async with self._database.of_system() as connection:
            done = await connection.execute(
                delete(session_events).where(tuple_(columns.session_id, columns.seq).in_(due))
            )
            return done.rowcount

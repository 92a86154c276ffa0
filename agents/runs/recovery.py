"""Upkeep of runs: this process says that it lives, and any process looks after what dead ones have left.

A lease is time in the database, by its clock, so all processes agree on when it ends. Who finds one that has ended
locks the session and looks again: of several that look at once, one acts.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import aliased

from agents.bus.bus import Bus
from agents.runs.abandoned import give_up
from agents.runs.ending import AGENT_GONE, Due, Ending, end, promote, written_text
from agents.runs.metrics import RunMetrics
from agents.runs.options import RunOptions
from agents.runs.owner import Owned, Owners
from agents.runs.turns import give_turn
from agents.runs.waiting import Waiters
from agents.sessions.entry import Entry
from agents.sessions.log import EventLog
from agents.sessions.run import ACTIVE, OPEN
from agents.sessions.run_rows import runs_of
from agents.store.columns import is_one_of
from agents.store.database import Database
from agents.store.tables import tasks
from channels.errors import ErrorCode, ReplyError

log = structlog.get_logger(__name__)

LOOK: Final = 1.0
"""Seconds between two looks whether a run that is at work here is to be stopped: the word of it may get lost."""

AT_ONCE: Final = 500
"""Runs of one kind that one sweep deals with; the next one goes on."""

Repair = Callable[[Entry, Owned], Awaitable[Due | None]]


class Recovery:
    """Keeps the leases of this process's runs, and ends, promotes and offers what nobody else does.

    Args:
        node: this process's name.
    """

    def __init__(
        self,
        database: Database,
        event_log: EventLog,
        bus: Bus,
        waiters: Waiters,
        options: RunOptions,
        metrics: RunMetrics,
        node: str,
    ) -> None:
        self._database = database
        self._owners = Owners(database)
        self._log = event_log
        self._bus = bus
        self._waiters = waiters
        self._options = options
        self._metrics = metrics
        self._node = node
        self._offered: list[Owned] = []

    async def keep_leases(self) -> None:
        """Renew leases, and heed wishes to stop, until cancelled."""
        loop = asyncio.get_running_loop()
        renewed = loop.time()
        while True:
            await asyncio.sleep(min(LOOK, self._options.lease / 4))
            if not self._bus.working:
                continue
            is_due = loop.time() - renewed >= self._options.lease / 4
            try:
                await self._look_after(renew=is_due)
            except ReplyError as error:
                log.warning("leases of runs can't be renewed", reason=error.message)
            else:
                renewed = loop.time() if is_due else renewed

    async def sweep_on(self) -> None:
        """Sweep now, and again and again, until cancelled."""
        while True:
            try:
                await self.sweep()
            except ReplyError as error:
                log.warning("runs can't be looked after", reason=error.message)
            except Exception:
                log.exception("runs can't be looked after")
            # Processes don't look all at once.
            await asyncio.sleep(self._options.sweep * random.uniform(0.8, 1.2))  # noqa: S311 - no secret

    async def sweep(self) -> None:
        """Look after all runs once.

        Raises:
            ReplyError: `unavailable`.
        """
        columns, other = tasks.c, aliased(tasks)
        lost = (columns.status == "running", columns.lease_until < func.clock_timestamp())
        await self._repair(self._end_lost, *lost)
        await self._repair(self._end_orphan, columns.status == "queued", columns.agent_id.is_(None))
        active = exists(
            select(other.c.id).where(other.c.session_id == columns.session_id, is_one_of(other.c.status, ACTIVE))
        )
        await self._repair(self._promote, columns.status == "waiting", ~active)
        await self._offer_again()
        await self._count()

    async def _look_after(self, *, renew: bool) -> None:
        columns = tasks.c
        own = (columns.id.in_(self._bus.working), columns.node == self._node, columns.status == "running")
        until = func.clock_timestamp() + timedelta(seconds=self._options.lease)
        async with self._database.of_system() as connection:
            if renew:
                await connection.execute(update(tasks).where(*own).values(lease_until=until))
            stopped = await connection.scalars(select(columns.id).where(*own, columns.stop_requested_at.is_not(None)))
            for run_id in stopped:
                self._bus.cancel_here(run_id)

    async def _repair(self, repair: Repair, *which: ColumnElement[bool]) -> None:
        for owned in await self._owners.where(*which, limit=AT_ONCE):
            try:
                async with self._log.write(owned.scope, owned.session_id) as entry:
                    due = await repair(entry, owned)
            except ReplyError as error:
                if error.code is not ErrorCode.NOT_FOUND:  # or its session was deleted meanwhile
                    raise
                continue
            self._waiters.tell(owned.run_id)
            await give_turn(self._bus, due)

    async def _end_lost(self, entry: Entry, owned: Owned) -> Due | None:
        lapsed = tasks.c.lease_until < func.clock_timestamp()
        own = runs_of(entry.work).where(tasks.c.id == owned.run_id, tasks.c.status == "running", lapsed)
        row = await entry.work.one(own)
        if row is None:
            return None
        text = await written_text(entry.work, row)
        due, status = await give_up(entry, row, text, self._options.attempts)
        self._metrics.recovered += 1
        log.warning(
            "a run's process has ended before it",
            user=owned.scope.subject,
            session_id=str(owned.session_id),
            run_id=str(owned.run_id),
            status=status,
        )
        return due

    @staticmethod
    async def _end_orphan(entry: Entry, owned: Owned) -> Due | None:
        gone = (tasks.c.id == owned.run_id, tasks.c.status == "queued", tasks.c.agent_id.is_(None))
        row = await entry.work.one(runs_of(entry.work).where(*gone))
        return None if row is None else await end(entry, row, Ending("failed", error=AGENT_GONE))

    @staticmethod
    async def _promote(entry: Entry, _: Owned) -> Due | None:
        return await promote(entry)

    async def _offer_again(self) -> None:
        """Offer what is queued to its queues, where it has a place already unless that was lost. In turns, when there
        is more than one sweep deals with."""
        columns = tasks.c
        after: tuple[ColumnElement[bool], ...] = ()
        if len(self._offered) == AT_ONCE:
            newest = select(columns.created_at).where(columns.id == self._offered[-1].run_id).scalar_subquery()
            after = (columns.created_at >= func.coalesce(newest, columns.created_at),)
        queued = (columns.status == "queued", columns.agent_id.is_not(None), *after)
        self._offered = await self._owners.where(*queued, limit=AT_ONCE)
        for owned in self._offered:
            if owned.run_id not in self._bus.working and owned.agent_id is not None:
                await give_turn(self._bus, Due(owned.agent_id, owned.run_id, owned.priority))

    async def _count(self) -> None:
        number = func.count().label("number")
        statement = select(tasks.c.status, number).where(is_one_of(tasks.c.status, OPEN)).group_by(tasks.c.status)
        async with self._database.of_system() as connection:
            rows = await connection.execute(statement)
        self._metrics.open = Counter({row.status: row.number for row in rows})

"""Runs, as their users see them: asked for, waited for, looked at and stopped, from any process.

A run belongs to the server: who asked for it may go away. It ends by itself, by being stopped, or, when its process
dies, by the sweep of another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal, tuple_

from agents.bus.bus import ENDING, Bus
from agents.runs.ending import Outcome
from agents.runs.leaving import Leaving
from agents.runs.stopping import AGENT_REMOVED, STOPPED, halt
from agents.runs.submission import Submission, Submitted
from agents.runs.turns import give_turn
from agents.runs.waiting import Waiters
from agents.sessions.event import Event
from agents.sessions.log import EventLog
from agents.sessions.message import Message
from agents.sessions.run import OPEN, Request, Run
from agents.sessions.run_rows import runs_of
from agents.sessions.sessions import message_of
from agents.store.columns import is_one_of
from agents.store.scope import Scope
from agents.store.tables import messages, session_events, tasks
from channels.errors import ErrorCode, ReplyError

AT_ONCE = 1_000
"""Most runs of an agent or a session that are open at once and stopped together."""


class Runs:
    """The runs of all users, each seen by its own.

    Args:
        leaving: the same one that `submission` asks.
        patience: seconds that the runs of an agent have to end when it is deleted.
    """

    def __init__(
        self,
        log: EventLog,
        bus: Bus,
        waiters: Waiters,
        submission: Submission,
        leaving: Leaving,
        patience: float,
    ) -> None:
        self._log = log
        self._bus = bus
        self._waiters = waiters
        self._submission = submission
        self._leaving = leaving
        self._patience = patience

    async def submit(self, scope: Scope, session_id: UUID, request: Request) -> Submitted:
        """Take a message, and have it answered.

        Raises:
            ReplyError: `not_found` for the session, or with `suggestions` for the agent; `invalid_data` when it isn't
                clear who is meant; `conflict` as `if_active` has it; `unavailable` with `retry_after` when there is
                no room in a queue. Nothing is kept then.
        """
        return await self._submission.take(scope, session_id, request)

    async def retry(self, scope: Scope, run_id: UUID) -> Submitted:
        """Have a message answered anew, by the same agent. What came after it isn't shown to the model.

        Raises:
            ReplyError: `not_found`, also when the agent is gone; `conflict` for a run that hasn't ended; `unavailable`.
        """
        run = await self.get(scope, run_id)
        if not run.has_ended:
            message = f"the run is {run.status}; wait for its end, or stop it first"
            raise ReplyError(ErrorCode.CONFLICT, message, run_id=str(run_id))
        if run.agent_id is None:
            raise ReplyError(ErrorCode.NOT_FOUND, "the agent of this run was deleted; send the message to another one")
        return await self._submission.take(scope, run.session_id, Request(""), again=run)

    async def get(self, scope: Scope, run_id: UUID) -> Run:
        """Return a run.

        Raises:
            ReplyError: `not_found`, `unavailable`.
        """
        async with scope.begin() as work:
            row = await work.one(runs_of(work).where(tasks.c.id == run_id))
        if row is None:
            raise _not_found(run_id)
        return Run.of(row)

    async def list(
        self, scope: Scope, session_id: UUID, limit: int, before: tuple[datetime, UUID] | None = None
    ) -> Sequence[Run]:
        """Return runs of a session, newest first. A session that isn't there has none.

        Args:
            before: time and id of the last one of the page before.

        Raises:
            ReplyError: `unavailable`.
        """
        async with scope.begin() as work:
            statement = runs_of(work).where(tasks.c.session_id == session_id)
            if before is not None:
                statement = statement.where(tuple_(tasks.c.created_at, tasks.c.id) < tuple_(*map(literal, before)))
            ordered = statement.order_by(tasks.c.created_at.desc(), tasks.c.id.desc()).limit(limit)
            return [Run.of(row) for row in await work.all(ordered)]

    async def message(self, scope: Scope, submitted: Submitted) -> Message:
        """Return the user's message of a run that was asked for.

        Raises:
            ReplyError: `not_found` when its session was deleted; `unavailable`.
        """
        if submitted.message is not None:
            return submitted.message
        async with scope.begin() as work:
            found = await message_of(work, submitted.run.message_id)
        if found is None:
            raise _not_found(submitted.run.id)
        return found

    async def wait(self, scope: Scope, run_id: UUID, timeout: float, known: Run | None = None) -> Outcome:
        """Wait until a run has ended, in whatever process, `timeout` seconds at most; return it as it is then.

        Args:
            known: the run, if it was just read in this scope; that spares a look.

        Raises:
            ReplyError: `not_found`, `unavailable`.
        """
        return await self._waiters.wait(run_id, lambda: self._outcome(scope, run_id), timeout, known)

    async def _outcome(self, scope: Scope, run_id: UUID) -> Outcome:
        async with scope.begin() as work:
            row = await work.one(runs_of(work).where(tasks.c.id == run_id))
            if row is None:
                raise _not_found(run_id)
            run = Run.of(row)
            wrote = run.has_ended and run.reply_id is not None
            return Outcome(run, await message_of(work, run.reply_id) if wrote else None)

    async def trace(self, scope: Scope, run_id: UUID) -> dict[str, Any]:
        """Return what a run was given (`agents.runs.trace`), the model that answered (`None`: none has), and the run's
        events but the pieces of its answer.

        Raises:
            ReplyError: `not_found`, `unavailable`.
        """
        events = session_events.c
        async with scope.begin() as work:
            row = await work.one(
                work.select(tasks, tasks.c.session_id, tasks.c.trace, tasks.c.result, messages.c.seq)
                .join(messages, messages.c.id == tasks.c.message_id)
                .where(tasks.c.id == run_id)
            )
            if row is None:
                raise _not_found(run_id)
            of_run = (events.session_id == row["session_id"], events.seq >= row["seq"], events.task_id == run_id)
            told = await work.all(
                work.select(session_events).where(*of_run, events.type != "MESSAGE_DELTA").order_by(events.seq)
            )
        found = [Event.of(event) for event in told]
        empty: dict[str, Any] = {"retrieved": [], "prompt": [], "model": None}
        return {
            **empty,
            **(row["trace"] or {}),
            "answered_by": (row["result"] or {}).get("model"),
            "events": [{"type": one.type, "data": one.fields} for one in found],
        }

    async def stop(self, scope: Scope, run_id: UUID, reason: str = STOPPED) -> Run:
        """Stop a run, wherever it is worked on; return it as it is after that, at most some seconds later. Its partial
        text is kept. Stopping what has ended changes nothing.

        Raises:
            ReplyError: `not_found`, `unavailable`.
        """
        run = await self.get(scope, run_id)
        if run.has_ended:
            return run
        await self._halt(scope, run.session_id, reason, tasks.c.id == run_id)
        return (await self.wait(scope, run_id, ENDING)).run

    async def stop_all(self, scope: Scope, session_id: UUID) -> int:
        """Stop what is active in a session, and what waits; return how many runs that were.

        Raises:
            ReplyError: `not_found`, `unavailable`.
        """
        return await self._halt(scope, session_id, STOPPED)

    async def release(self, scope: Scope, agent_id: UUID) -> None:
        """Stop what an agent does, before it is deleted: what waits at once, what is at work after some patience. Who
        asks it something meanwhile is told that it is gone (`not_found`); what was on its way then ends at last with
        the reason `agent_removed`, if it wasn't answered before.

        Raises:
            ReplyError: `unavailable`.
        """
        with self._leaving.one(agent_id):
            await self._halt_agent(scope, agent_id, is_one_of(tasks.c.status, ("waiting", "queued")))
            if not await self._bus.is_idle(agent_id, self._patience):
                await self._halt_agent(scope, agent_id)
                await self._bus.is_idle(agent_id, ENDING)
            await self._halt_agent(scope, agent_id)
            await self._bus.forget(agent_id)

    async def _halt_agent(self, scope: Scope, agent_id: UUID, *which: ColumnElement[bool]) -> None:
        own = (tasks.c.agent_id == agent_id, is_one_of(tasks.c.status, OPEN), *which)
        async with scope.begin() as work:
            rows = await work.all(work.select(tasks, tasks.c.session_id).where(*own).distinct().limit(AT_ONCE))
        for row in rows:
            await self._halt(scope, row["session_id"], AGENT_REMOVED, tasks.c.agent_id == agent_id, *which)

    async def _halt(self, scope: Scope, session_id: UUID, reason: str, *which: ColumnElement[bool]) -> int:
        """Stop open runs of a session; those that wait come first, so that none of them gets its turn."""
        own = (tasks.c.session_id == session_id, is_one_of(tasks.c.status, OPEN), *which)
        async with self._log.write(scope, session_id) as entry:
            rows = await entry.work.all(runs_of(entry.work).where(*own).limit(AT_ONCE))
            rows.sort(key=lambda row: row["status"] != "waiting")
            halted = [await halt(entry, row, reason) for row in rows]
        for one in halted:
            await self._bus.cancel(one.agent_id, one.run_id)
            if one.has_ended:
                self._waiters.tell(one.run_id)
            await give_turn(self._bus, one.due)
        return len(halted)


def _not_found(run_id: UUID) -> ReplyError:
    return ReplyError(ErrorCode.NOT_FOUND, f"no run has the id {run_id}")

"""Takes in a message: the message, its run and their events are there together, with a place in the agent's queue, or
nothing of it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import IntegrityError

from agents.bus.bus import Bus
from agents.catalog.agent import Agent
from agents.catalog.catalog import Catalog
from agents.ports import QueueFull
from agents.runs.addressee import addressee, unclear
from agents.runs.ending import AGENT_GONE
from agents.runs.owner import Owned, Owners
from agents.runs.stopping import STEERED, Halted, halt
from agents.runs.waiting import Waiters
from agents.sessions.entry import Entry, storable
from agents.sessions.log import EventLog
from agents.sessions.run import ACTIVE, OPEN, Request, Run
from agents.sessions.run_rows import runs_of
from agents.store.scope import Scope
from agents.store.tables import messages, tasks
from channels.errors import ErrorCode, ReplyError

DIRECT_AGENT_CALL: Final = "DIRECT_AGENT_CALL"
TASK_QUEUED: Final = "TASK_QUEUED"

SESSION_RETRY: Final = 5.0
"""Seconds after which who finds a session's queue full is told to come again."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a request.

    Attributes:
        is_new: the same request wasn't there before.
    """

    run: Run
    is_new: bool


@dataclass(slots=True)
class _Plan:
    """What one transaction is about, and what is to be done after it."""

    scope: Scope
    run_id: UUID
    request: Request
    again: Run | None
    agent: Agent | None = None
    offered: bool = False
    halted: list[Halted] = field(default_factory=list)
    found: UUID | None = None


class _Nobody(Exception):
    """The message is for nobody."""


class Submission:
    """Takes messages.

    A place in the queue is taken before the transaction is committed, so that a full queue refuses a message before any
    of it is kept. It is given back when the transaction fails. A worker that is faster than the commit waits for it.

    Args:
        waiting: messages of a session that may wait.
    """

    def __init__(
        self, log: EventLog, catalog: Catalog, bus: Bus, waiters: Waiters, owners: Owners, waiting: int
    ) -> None:
        self._log = log
        self._catalog = catalog
        self._bus = bus
        self._waiters = waiters
        self._owners = owners
        self._waiting = waiting

    async def take(self, scope: Scope, session_id: UUID, request: Request, again: Run | None = None) -> Submitted:
        """Take a message.

        Args:
            again: a run whose message is to be answered anew, by its agent; the request's content isn't used then.

        Raises:
            ReplyError: `not_found`, for an agent with `suggestions`; `invalid_data` with `agents` when nobody is named;
                `conflict`: a run goes on and the request doesn't want to wait, or its key was used for another one;
                `unavailable` with `retry_after`: no room in a queue. Nothing is kept then.
        """
        plan = _Plan(scope, uuid4(), request, again)
        try:
            async with self._log.write(scope, session_id) as entry:
                await self._write(entry, plan)
                row = await entry.work.one(runs_of(entry.work).where(tasks.c.id == (plan.found or plan.run_id)))
        except _Nobody:
            raise await unclear(self._catalog, scope, request) from None
        except IntegrityError:
            await self._give_back(plan)
            raise ReplyError(ErrorCode.NOT_FOUND, AGENT_GONE.message) from None
        except BaseException:
            await self._give_back(plan)
            raise
        for halted in plan.halted:
            await self._bus.cancel(halted.agent_id, halted.run_id)
            if halted.has_ended:
                self._waiters.tell(halted.run_id)
        if plan.offered and plan.agent is not None:
            self._bus.wake(plan.agent.id)
        assert row is not None
        return Submitted(Run.of(row), plan.found is None)

    async def _give_back(self, plan: _Plan) -> None:
        if plan.offered and plan.agent is not None:
            await self._bus.withdraw(plan.agent.id, plan.run_id)

    async def _write(self, entry: Entry, plan: _Plan) -> None:
        if await self._is_known(entry, plan):
            return
        plan.agent = agent = await self._agent(entry, plan)
        columns = tasks.c
        statement = runs_of(entry.work).where(columns.session_id == entry.session_id, columns.status.in_(OPEN))
        others = await entry.work.all(statement.order_by(columns.position))
        self._check_room(plan.request, others)
        ahead, position = len(others), entry.seq
        if others and plan.request.if_active == "steer":
            ahead, position = await self._steer(entry, plan, others), others[0]["position"] - 1
        await self._insert(entry, plan, agent, position, waits=ahead > 0)
        ahead = ahead or await self._offer(entry, plan, agent)
        if ahead:
            await entry.append(TASK_QUEUED, {"ahead": ahead}, plan.run_id, agent.id)

    async def _agent(self, entry: Entry, plan: _Plan) -> Agent:
        if plan.again is not None and plan.again.agent_id is not None:
            return await self._catalog.get(plan.scope, plan.again.agent_id, entry.work)
        agent = await addressee(self._catalog, plan.scope, entry.work, entry.session_id, plan.request)
        if agent is None:
            raise _Nobody
        return agent

    async def _is_known(self, entry: Entry, plan: _Plan) -> bool:
        key, columns = plan.request.idempotency_key, tasks.c
        if key is None:
            return False
        known = await entry.work.one(
            entry.work.select(tasks, columns.id, messages.c.content)
            .join(messages, messages.c.id == columns.message_id)
            .where(columns.session_id == entry.session_id, columns.idempotency_key == key)
        )
        if known is None:
            return False
        if plan.again is None and known["content"] != storable(plan.request.content):
            message = "this idempotency_key came with another message before; give each message one of its own"
            raise ReplyError(ErrorCode.CONFLICT, message, run_id=str(known["id"]))
        plan.found = known["id"]
        return True

    def _check_room(self, request: Request, others: Sequence[RowMapping]) -> None:
        if others and request.if_active == "reject":
            message = "a run of this session goes on; wait for its end, stop it, or send with if_active: queue or steer"
            raise ReplyError(ErrorCode.CONFLICT, message, run_id=str(_active(others)["id"]))
        if len([row for row in others if row["status"] == "waiting"]) >= self._waiting:
            message = (
                f"{self._waiting} messages of this session wait already (agents.runs.waiting_per_session); try later"
            )
            raise ReplyError(ErrorCode.UNAVAILABLE, message, retry_after=SESSION_RETRY)

    async def _steer(self, entry: Entry, plan: _Plan, others: Sequence[RowMapping]) -> int:
        """Stop what is active; return 1 when that takes a moment, 0 when this run can go on at once."""
        halted = await halt(entry, _active(others), STEERED, promotes=False)
        plan.halted.append(halted)
        return 0 if halted.has_ended else 1

    @staticmethod
    async def _insert(entry: Entry, plan: _Plan, agent: Agent, position: int, *, waits: bool) -> None:
        request, message_id = plan.request, None if plan.again is None else plan.again.message_id
        if message_id is None:
            message = await entry.append_message(
                "user", request.content, agent_id=agent.id, agent_name=agent.name, task_id=plan.run_id
            )
            message_id = message.id
        values = {
            "id": plan.run_id,
            "session_id": entry.session_id,
            "agent_id": agent.id,
            "message_id": message_id,
            "status": "waiting" if waits else "queued",
            "priority": request.priority,
            "position": position,
            "idempotency_key": request.idempotency_key,
            "request": {"if_active": request.if_active, "again": plan.again is not None},
            "created_at": entry.now,
        }
        await entry.work.run(entry.work.insert(tasks, **values))
        called = {"agent": agent.name, "message_id": str(message_id)}
        await entry.append(DIRECT_AGENT_CALL, called, plan.run_id, agent.id)

    async def _offer(self, entry: Entry, plan: _Plan, agent: Agent) -> int:
        """Take a place in the agent's queue; return how many come before."""
        priority = plan.request.priority
        # Whoever is given it here waits for the session's lock, and so for the commit.
        self._owners.expect(Owned(plan.scope, entry.session_id, plan.run_id, agent.id, priority))
        try:
            ahead = await self._bus.offer(agent.id, plan.run_id, priority)
        except QueueFull as full:
            raise ReplyError(ErrorCode.UNAVAILABLE, str(full), retry_after=full.retry_after) from full
        plan.offered = True
        return ahead


def _active(rows: Sequence[RowMapping]) -> RowMapping:
    """The run that the others wait for."""
    return next((row for row in rows if row["status"] in ACTIVE), rows[0])

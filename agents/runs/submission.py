"""Takes in a message: the message, its run and their events are there together, with a place in the agent's queue, or
nothing of it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import IntegrityError

from agents.bus.bus import Bus
from agents.catalog.agent import Agent
from agents.catalog.catalog import Catalog
from agents.ports import QueueFull
from agents.runs.addressee import addressee, unclear
from agents.runs.claim import Begun, Claim, Claims
from agents.runs.ending import AGENT_GONE
from agents.runs.gate import Gate
from agents.runs.leaving import Leaving
from agents.runs.owner import Owned, Owners
from agents.runs.stopping import STEERED, Halted, halt
from agents.runs.waiting import Waiters
from agents.sessions.entry import Entry, storable
from agents.sessions.log import EventLog
from agents.sessions.message import Message
from agents.sessions.run import ACTIVE, OPEN, Request, Run
from agents.sessions.run_rows import runs_of
from agents.store.columns import is_one_of
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
        message: the user's, if it was written now.
    """

    run: Run
    is_new: bool
    message: Message | None = None


@dataclass(slots=True)
class _Plan:
    """What one transaction is about, and what is to be done after it.

    Attributes:
        offered: it has a place in its agent's queue.
        begun: it begins in this transaction.
        claim: it has begun, and that is committed.
    """

    scope: Scope
    run_id: UUID
    request: Request
    again: Run | None
    agent: Agent | None = None
    offered: bool = False
    begun: Begun | None = None
    claim: Claim | None = None
    halted: list[Halted] = field(default_factory=list)
    found: UUID | None = None
    message: Message | None = None


class _Nobody(Exception):
    """The message is for nobody."""


class Submission:
    """Takes messages.

    A place in the queue is taken before the transaction is committed, so that a full queue refuses a message before any
    of it is kept. It is given back when the transaction fails. A worker that is faster than the commit waits for it.

    A run that can begin at once, in this process, begins in the same transaction, which spares another one.

    Args:
        waiting: messages of a session that may wait.
    """

    def __init__(
        self,
        log: EventLog,
        catalog: Catalog,
        bus: Bus,
        waiters: Waiters,
        owners: Owners,
        claims: Claims,
        gate: Gate,
        leaving: Leaving,
        waiting: int,
    ) -> None:
        self._log = log
        self._catalog = catalog
        self._bus = bus
        self._waiters = waiters
        self._owners = owners
        self._claims = claims
        self._gate = gate
        self._leaving = leaving
        self._waiting = waiting

    async def take(self, scope: Scope, session_id: UUID, request: Request, again: Run | None = None) -> Submitted:
        """Take a message.

        Args:
            again: a run whose message is to be answered anew, by its agent; the request's content isn't used then.

        Raises:
            ReplyError: `not_found`, with `suggestions` for a name that no agent has; `invalid_data` with `agents` when
                nobody is named; `conflict`: a run goes on and the request doesn't want to wait, or its key was used for
                another one; `unavailable` with `retry_after`: no room in a queue. Nothing is kept then.
        """
        plan = _Plan(scope, uuid4(), request, again)
        try:
            async with self._gate.one_soon():
                run = await self._commit(session_id, plan)
        finally:
            self._claims.keep(plan.run_id, plan.claim)
        for halted in plan.halted:
            await self._bus.cancel(halted.agent_id, halted.run_id)
            if halted.has_ended:
                self._waiters.tell(halted.run_id)
        if plan.offered and plan.agent is not None:
            self._bus.wake(plan.agent.id)
        return Submitted(run, plan.found is None, plan.message)

    async def _commit(self, session_id: UUID, plan: _Plan) -> Run:
        try:
            async with self._log.write(plan.scope, session_id) as entry:
                run = await self._write(entry, plan)
        except _Nobody:
            raise await unclear(self._catalog, plan.scope, plan.request) from None
        except IntegrityError:
            await self._give_back(plan)
            raise ReplyError(ErrorCode.NOT_FOUND, AGENT_GONE.message) from None
        except BaseException:
            await self._give_back(plan)
            raise
        plan.claim = plan.begun.claim if plan.begun is not None else None
        return run

    async def _give_back(self, plan: _Plan) -> None:
        if plan.offered and plan.agent is not None:
            await self._bus.withdraw(plan.agent.id, plan.run_id)

    async def _write(self, entry: Entry, plan: _Plan) -> Run:
        if (known := await self._known(entry, plan)) is not None:
            plan.found = known.id
            return known
        plan.agent = agent = await self._agent(entry, plan)
        self._leaving.check(agent.id)
        columns = tasks.c
        statement = runs_of(entry.work).where(columns.session_id == entry.session_id, is_one_of(columns.status, OPEN))
        others = await entry.work.all(statement.order_by(columns.position))
        self._check_room(plan.request, others)
        ahead, position = len(others), entry.seq
        if others and plan.request.if_active == "steer":
            ahead, position = await self._steer(entry, plan, others), others[0]["position"] - 1
        message_id = await self._call(entry, plan, agent)
        status = "waiting" if ahead else "queued"
        ahead = ahead or await self._offer(entry, plan, agent)
        if ahead:
            await entry.append(TASK_QUEUED, {"ahead": ahead}, plan.run_id, agent.id)
        return self._insert(entry, plan, agent, message_id, {"status": status, "position": position})

    async def _agent(self, entry: Entry, plan: _Plan) -> Agent:
        if plan.again is not None and plan.again.agent_id is not None:
            return await self._catalog.get(plan.scope, plan.again.agent_id, entry.work)
        agent = await addressee(self._catalog, plan.scope, entry.work, entry.session_id, plan.request)
        if agent is None:
            raise _Nobody
        return agent

    async def _known(self, entry: Entry, plan: _Plan) -> Run | None:
        """The run that the same request made before."""
        key, columns = plan.request.idempotency_key, tasks.c
        if key is None:
            return None
        known = await entry.work.one(
            runs_of(entry.work)
            .add_columns(messages.c.content)
            .join(messages, messages.c.id == columns.message_id)
            .where(columns.session_id == entry.session_id, columns.idempotency_key == key)
        )
        if known is not None and plan.again is None and known["content"] != storable(plan.request.content):
            message = "this idempotency_key came with another message before; give each message one of its own"
            raise ReplyError(ErrorCode.CONFLICT, message, run_id=str(known["id"]))
        return None if known is None else Run.of(known)

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
    async def _call(entry: Entry, plan: _Plan, agent: Agent) -> UUID:
        """Append the message, unless it is there, and that the agent is called; return the message's id."""
        if plan.again is not None:
            message_id = plan.again.message_id
        else:
            plan.message = await entry.append_message(
                "user", plan.request.content, agent_id=agent.id, agent_name=agent.name, task_id=plan.run_id
            )
            message_id = plan.message.id
        called = {"agent": agent.name, "message_id": str(message_id)}
        await entry.append(DIRECT_AGENT_CALL, called, plan.run_id, agent.id)
        return message_id

    async def _offer(self, entry: Entry, plan: _Plan, agent: Agent) -> int:
        """Take a place in the agent's queue, and begin if that can be; return how many come before."""
        priority = plan.request.priority
        # Whoever is given it here waits for the session's lock, and so for the commit.
        self._owners.expect(Owned(plan.scope, entry.session_id, plan.run_id, agent.id, priority))
        if plan.message is not None:
            self._claims.promise(plan.run_id)
        try:
            ahead = await self._bus.offer(agent.id, plan.run_id, priority)
        except QueueFull as full:
            raise ReplyError(ErrorCode.UNAVAILABLE, str(full), retry_after=full.retry_after) from full
        plan.offered = True
        if plan.message is None:
            return ahead
        is_here = plan.run_id in self._bus.working if ahead else await self._bus.take(agent.id, plan.run_id)
        if not is_here:
            self._claims.keep(plan.run_id, None)
            return ahead
        plan.begun = await self._claims.begin_new(entry, plan.scope, plan.run_id, agent, plan.message)
        return 0

    @staticmethod
    def _insert(entry: Entry, plan: _Plan, agent: Agent, message_id: UUID, place: Mapping[str, Any]) -> Run:
        """Write the run; return it."""
        request = plan.request
        values = {
            "id": plan.run_id,
            "session_id": entry.session_id,
            "agent_id": agent.id,
            "message_id": message_id,
            "priority": request.priority,
            "idempotency_key": request.idempotency_key,
            "request": {"if_active": request.if_active, "again": plan.again is not None, "agent": agent.name},
            "created_at": entry.now,
            **place,
            **(plan.begun.values if plan.begun is not None else {}),
        }
        entry.change(entry.work.insert(tasks, **values))
        return Run.of({"started_at": None, "completed_at": None, "result": None, "agent_name": agent.name, **values})


def _active(rows: Sequence[RowMapping]) -> RowMapping:
    """The run that the others wait for."""
    return next((row for row in rows if row["status"] in ACTIVE), rows[0])

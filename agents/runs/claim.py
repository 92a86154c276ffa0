"""A run that this process was given: it begins in one transaction, and is this process's from then on. Where it can
begin at once, that is the transaction which makes it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import func

from agents.catalog.agent import Agent
from agents.catalog.catalog import Catalog
from agents.catalog.status import busy
from agents.models.port import PromptMessage
from agents.runs.ending import AGENT_GONE, Due, Ending, end
from agents.runs.history import Asked, read_history
from agents.runs.owner import Owned, Owners
from agents.sessions.entry import Entry
from agents.sessions.log import EventLog
from agents.sessions.message import Message
from agents.sessions.run_rows import runs_of
from agents.store.scope import Scope
from agents.store.tables import messages, tasks

TASK_STARTED: Final = "TASK_STARTED"

COMMIT_WAITS: Final = (0.01, 0.03, 0.1, 0.3, 1.0)
"""Seconds between looks for a run that isn't there: its place in the queue is taken just before it is committed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A run at its start.

    Attributes:
        model: that will be asked, `PROVIDER/MODEL`.
        asked: the message to answer.
        history: what was said before it, oldest first.
        seq: of the event that told of the start.
        waited: seconds since the run was created.
    """

    scope: Scope
    session_id: UUID
    run_id: UUID
    agent: Agent
    model: str
    asked: Asked
    history: Sequence[PromptMessage]
    seq: int
    started: datetime
    waited: float


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that begins in the transaction that makes it.

    Attributes:
        values: of its row.
    """

    values: Mapping[str, Any]
    claim: Claim


class Models(Protocol):
    """What beginning a run needs of models (`agents.models.catalogue.Catalogue`)."""

    @property
    def default_model(self) -> str: ...


class Claims:
    """Begins runs.

    Args:
        node: this process's name.
        lease: seconds.
    """

    def __init__(
        self, log: EventLog, catalog: Catalog, owners: Owners, models: Models, node: str, lease: float
    ) -> None:
        self._log = log
        self._models = models
        self._promised: dict[UUID, asyncio.Future[Claim | None]] = {}
        self._catalog = catalog
        self._owners = owners
        self._node = node
        self._lease = lease
        self._waits: Sequence[float] = COMMIT_WAITS

    async def find(self, run_id: UUID) -> Owned | None:
        """Find a run that the queue gave; `None` when there is none, because what was to make it failed.

        Raises:
            ReplyError: `unavailable`.
        """
        for pause in (*self._waits, 0.0):
            if (owned := await self._owners.of(run_id)) is not None:
                return owned
            await asyncio.sleep(pause)
        return None

    def promise(self, run_id: UUID) -> None:
        """Say that a run may begin in the transaction that makes it, before its queue is told of it: whoever is given
        it here waits for `keep`, which must follow."""
        self._promised[run_id] = asyncio.get_running_loop().create_future()

    def keep(self, run_id: UUID, claim: Claim | None) -> None:
        """Hand a run over that has begun so, once that is committed; `None`: it isn't there, or isn't at work here."""
        promised = self._promised.pop(run_id, None)
        if promised is not None and not promised.done():
            promised.set_result(claim)

    async def begin_new(self, entry: Entry, scope: Scope, run_id: UUID, agent: Agent, message: Message) -> Begun:
        """Begin a run in the transaction that makes it and its message; return what its row has then, and the claim."""
        asked = Asked(message.id, message.content, message.seq)
        claim = await self._begin(entry, scope, run_id, agent, asked, 0.0)
        return Begun({**self._taken(entry, claim.seq), "attempts": 1}, claim)

    async def begin(self, owned: Owned) -> Claim | Due | None:
        """Begin a run.

        Returns:
            The claim. Without one the run isn't to be done: it has ended, was stopped, or is somebody else's. When it
            ends here because its agent is gone, the run that is next.

        Raises:
            ReplyError: `unavailable`; `not_found` when the session is gone.
        """
        if (promised := self._promised.get(owned.run_id)) is not None:
            return await promised
        async with self._log.write(owned.scope, owned.session_id) as entry:
            # Messages go with their session alone, which is locked: a run has its message.
            found = runs_of(entry.work).join(messages, messages.c.id == tasks.c.message_id)
            found = found.add_columns(messages.c.content, messages.c.seq).where(tasks.c.id == owned.run_id)
            row = await entry.work.one(found)
            if row is None or row["status"] != "queued":
                return None
            if row["agent_id"] is None:
                return await end(entry, row, Ending("failed", error=AGENT_GONE))
            agent = await self._catalog.get(owned.scope, row["agent_id"], entry.work)
            asked = Asked(row["message_id"], row["content"], row["seq"], bool(row["request"].get("again")))
            waited = (entry.now - row["created_at"]).total_seconds()
            claim = await self._begin(entry, owned.scope, owned.run_id, agent, asked, waited)
            values = {**self._taken(entry, claim.seq), "attempts": tasks.c.attempts + 1}
            entry.change(entry.work.update(tasks).where(tasks.c.id == owned.run_id).values(values))
        return claim

    async def _begin(
        self, entry: Entry, scope: Scope, run_id: UUID, agent: Agent, asked: Asked, waited: float
    ) -> Claim:
        model = agent.config.model or self._models.default_model
        seq = await entry.append(TASK_STARTED, {"agent": agent.name, "model": model}, run_id, agent.id)
        entry.change(busy(entry.work, agent.id), of=agent.id)
        history = await read_history(entry.work, entry.session_id, asked, agent.config.history_messages)
        return Claim(scope, entry.session_id, run_id, agent, model, asked, history, seq, entry.now, waited)

    def _taken(self, entry: Entry, seq: int) -> dict[str, Any]:
        """What the row of a run has that is worked on here."""
        return {
            "status": "running",
            "node": self._node,
            "lease_until": func.clock_timestamp() + timedelta(seconds=self._lease),
            "started_at": entry.now,
            "result": {"since": seq},
        }

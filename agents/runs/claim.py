"""A run that this process was given: it begins in one transaction, and is this process's from then on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func

from agents.catalog.agent import Agent
from agents.catalog.catalog import Catalog
from agents.catalog.status import set_status
from agents.models.port import PromptMessage
from agents.runs.ending import AGENT_GONE, Due, Ending, end
from agents.runs.history import Asked, read_history
from agents.runs.owner import Owned, Owners
from agents.sessions.entry import Entry
from agents.sessions.log import EventLog
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


class Claims:
    """Begins runs.

    Args:
        node: this process's name.
        lease: seconds.
    """

    def __init__(self, log: EventLog, catalog: Catalog, owners: Owners, node: str, lease: float) -> None:
        self._log = log
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

    async def begin(self, owned: Owned, default_model: str) -> Claim | Due | None:
        """Begin a run.

        Returns:
            The claim. Without one the run isn't to be done: it has ended, was stopped, or is somebody else's. When it
            ends here because its agent is gone, the run that is next.

        Raises:
            ReplyError: `unavailable`; `not_found` when the session is gone.
        """
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
            await set_status(entry.work, agent.id, "busy")
            model = agent.config.model or default_model
            seq = await entry.append(TASK_STARTED, {"agent": agent.name, "model": model}, owned.run_id, agent.id)
            await self._take(entry, owned.run_id, seq)
            asked = Asked(row["message_id"], row["content"], row["seq"], bool(row["request"].get("again")))
            history = await read_history(entry.work, owned.session_id, asked, agent.config.history_messages)
            waited = (entry.now - row["created_at"]).total_seconds()
            started = entry.now
        return Claim(owned.scope, owned.session_id, owned.run_id, agent, model, asked, history, seq, started, waited)

    async def _take(self, entry: Entry, run_id: UUID, seq: int) -> None:
        values = {
            "status": "running",
            "node": self._node,
            "lease_until": func.clock_timestamp() + timedelta(seconds=self._lease),
            "started_at": entry.now,
            "attempts": tasks.c.attempts + 1,
            "result": {"since": seq},
        }
        await entry.work.run(entry.work.update(tasks).where(tasks.c.id == run_id).values(values))

"""Whose a run is: from its id in a queue, which no user has named, to the scope of its user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select

from agents.store.database import Database
from agents.store.scope import Scope
from agents.store.tables import tasks, users


@dataclass(frozen=True, slots=True)
class Owned:
    """A run, and its user's scope.

    Attributes:
        agent_id: `None`: the agent is gone.
    """

    scope: Scope
    session_id: UUID
    run_id: UUID
    agent_id: UUID | None
    priority: int


HINTS: Final = 1_000
"""Runs that were made here and are known until they are looked for; beyond it the oldest are looked up."""


class Owners:
    """Finds runs of all users, for workers and upkeep. What is done with them is done in their user's scope."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hints: dict[UUID, Owned] = {}

    def expect(self, owned: Owned) -> None:
        """Know a run that this process is about to make, so that it needn't look for it. It may turn out not to be
        there."""
        if len(self._hints) >= HINTS:
            del self._hints[next(iter(self._hints))]
        self._hints[owned.run_id] = owned

    async def of(self, run_id: UUID) -> Owned | None:
        """Find a run; `None` when it isn't there.

        Raises:
            ReplyError: `unavailable`.
        """
        if (expected := self._hints.pop(run_id, None)) is not None:
            return expected
        found = await self.where(tasks.c.id == run_id, limit=1)
        return found[0] if found else None

    async def where(self, *conditions: ColumnElement[bool], limit: int) -> list[Owned]:
        """Find runs, the oldest first.

        Raises:
            ReplyError: `unavailable`.
        """
        columns = tasks.c
        statement = (
            select(columns.id, columns.session_id, columns.agent_id, columns.priority, columns.user_id, users.c.subject)
            .join(users, users.c.id == columns.user_id)
            .where(*conditions)
            .order_by(columns.created_at, columns.id)
            .limit(limit)
        )
        async with self._database.of_system() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return [
            Owned(
                Scope(self._database, row["user_id"], row["subject"]),
                row["session_id"],
                row["id"],
                row["agent_id"],
                row["priority"],
            )
            for row in rows
        ]

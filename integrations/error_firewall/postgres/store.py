"""The firewall's store on PostgreSQL (`integrations.error_firewall.ports.Store`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from integrations.error_firewall.model import (
    Audited,
    Decision,
    Entry,
    Outcome,
    Record,
    Rule,
)
from integrations.error_firewall.ports import Changes, Conflict
from integrations.error_firewall.postgres import statements
from integrations.error_firewall.postgres.access import Connect, Pool
from integrations.error_firewall.postgres.books import audited_of, outcome_of, outcome_row, verdict_row
from integrations.error_firewall.postgres.database import Database
from integrations.error_firewall.postgres.json_text import plain
from integrations.error_firewall.postgres.listening import Listening
from integrations.error_firewall.postgres.resources import Resources
from integrations.error_firewall.postgres.rows import entry_of, row_of

E = TypeVar("E", Record, Rule)

SLICE: Final = 500
"""Rows that are read at a time: a few milliseconds of work, so that the event loop goes on during a long reading."""


class _Unchanged(Exception):
    """There was nothing to change: the transaction is to be as if it had not been."""


class PostgresStore:
    """Keeps everything in one schema of a PostgreSQL database, for as many processes as there are.

    The tables are made by the first call that reaches the database, and brought up to date by newer versions.

    Args:
        pool: lends connections; it is neither opened nor closed here.
        connect: makes the connection that hears of changes; without it, changes of others are found when `wait` ends.
        schema: a-z, 0-9 and _; several firewalls in one database have one each.
        patience: seconds that a call may take.
        load_patience: seconds that reading everything may take.

    Attributes:
        resources: what the environment has, kept beside the entries.
        listening: the connection that hears of changes. Close it when the store is no longer used.

    Raises:
        ValueError: `schema` is no such name.
    """

    def __init__(
        self,
        pool: Pool,
        connect: Connect | None = None,
        schema: str = "error_firewall",
        patience: float = 10.0,
        load_patience: float = 120.0,
    ) -> None:
        self.database = Database(pool, schema, patience)
        self.resources = Resources(self.database)
        self.listening = Listening(connect, self.database.channel, patience)
        self._load_patience = load_patience

    async def load(self) -> Changes:
        return await self._read(None)

    async def changes(self, since: int) -> Changes:
        return await self._read(since)

    async def _read(self, since: int | None) -> Changes:
        sql = self.database.sql
        patience = self._load_patience if since is None else None
        async with self.database.transaction(snapshot=True, patience=patience) as connection:
            version: int = await connection.fetchval(sql(statements.VERSION))
            if since is not None and since == version:
                return Changes(version)
            # A number that this database never gave is another database's.
            start = since if since is not None and since < version else 0
            cursor = await connection.cursor(sql(statements.CHANGED), start)
            entries: list[Entry] = []
            while rows := await cursor.fetch(SLICE):
                entries += map(entry_of, rows)
            gone = await connection.fetch(sql(statements.GONE), start) if start else []
            resources = await self.resources.read(connection, start)
        if resources:
            self.resources.listener(resources)
        return Changes(version, tuple(entries), tuple(row["id"] for row in gone))

    async def wait(self, since: int, timeout: float) -> None:
        await self.listening.wait(since, timeout)

    async def observe(self, record: Record) -> Record:
        row = await self._change(statements.OBSERVE, *row_of(record))
        if row is None:
            return record  # a rule has its name; ids are made so that this doesn't happen, and it harms neither
        kept = entry_of(row)
        assert isinstance(kept, Record)
        return kept

    async def save(self, entry: E) -> E:
        if entry.version == 0:
            row = await self._change(statements.INSERT, *row_of(entry))
            why = "it is there already"
        else:
            row = await self._change(statements.UPDATE, *row_of(entry), entry.version)
            why = f"it has another version than {entry.version}, or is gone"
        if row is None:
            raise Conflict(f"{entry.id}: {why}; read it again, and decide again")
        kept = entry_of(row)
        assert isinstance(kept, type(entry))
        return kept

    async def _change(self, statement: str, *values: Any) -> Any:
        """Make a change with its number; return the row, or `None` when nothing was changed, and then no number is used
        up."""
        database = self.database
        try:
            async with database.transaction() as connection:
                number = await database.next_change(connection)
                row = await connection.fetchrow(database.sql(statement), number, *values)
                if row is None:
                    raise _Unchanged
        except _Unchanged:
            return None
        return row

    async def append_verdicts(self, verdicts: Sequence[Audited]) -> None:
        if not verdicts:
            return
        columns = [list(column) for column in zip(*map(verdict_row, verdicts), strict=True)]
        async with self.database.transaction() as connection:
            await connection.execute(self.database.sql(statements.APPEND_VERDICTS), *columns)

    async def append_outcome(self, outcome: Outcome) -> Entry | None:
        entry_id, at, kind, *rest = outcome_row(outcome)
        row = await self._change(statements.COUNT_OUTCOME, entry_id, at, kind, *rest)
        return None if row is None else entry_of(row)

    async def verdicts(
        self,
        *,
        operation: str | None = None,
        entry_id: str | None = None,
        decision: Decision | None = None,
        before: float | None = None,
        limit: int = 100,
    ) -> list[Audited]:
        wanted = (operation, entry_id, None if decision is None else decision.value)
        async with self.database.transaction(snapshot=True) as connection:
            rows = await connection.fetch(
                self.database.sql(statements.VERDICTS), *(text and plain(text) for text in wanted), before, limit
            )
        return [audited_of(row) for row in rows]

    async def verdict(self, check_id: str) -> Audited | None:
        async with self.database.transaction(snapshot=True) as connection:
            row = await connection.fetchrow(self.database.sql(statements.VERDICT), plain(check_id))
        return None if row is None else audited_of(row)

    async def outcomes(self, entry_id: str, limit: int = 100) -> list[Outcome]:
        async with self.database.transaction(snapshot=True) as connection:
            rows = await connection.fetch(self.database.sql(statements.OUTCOMES), plain(entry_id), limit)
        return [outcome_of(row) for row in rows]

    async def forget(self, ids: Sequence[str]) -> None:
        await self._change(statements.FORGET, [plain(entry_id) for entry_id in ids])

    async def prune(self, before: float, limit: int = 10_000) -> int:
        async with self.database.transaction() as connection:
            rows = await connection.fetch(self.database.sql(statements.PRUNE), before, limit)
        return len(rows)

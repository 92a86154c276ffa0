"""One transaction at a time, on tables that are there, within bounds; what fails is `StoreUnavailable`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import asyncpg

from integrations.error_firewall.ports import StoreUnavailable
from integrations.error_firewall.postgres.access import AWAY, Pool
from integrations.error_firewall.postgres.migrations import in_schema, migrate

_WITHOUT_VALUES: Final = ("08", "28", "3D", "3F", "42", "53", "57")
"""Classes of errors about connections, rights, names and resources: their first line quotes no value."""


class Database:
    """The store's schema in a database.

    Args:
        schema: name of the schema, which is made when it isn't there.
        patience: seconds that a transaction may take, waiting for a connection included.
    """

    def __init__(self, pool: Pool, schema: str = "error_firewall", patience: float = 10.0) -> None:
        self.schema = schema
        self.channel = in_schema("{schema}_changes", schema)
        self._pool = pool
        self._patience = patience
        self._statements: dict[str, str] = {}
        self._is_migrated = False

    def sql(self, statement: str) -> str:
        """Return a statement of the program with the schema in place."""
        found = self._statements.get(statement)
        if found is None:
            found = self._statements[statement] = in_schema(statement, self.schema)
        return found

    @asynccontextmanager
    async def transaction(self, *, snapshot: bool = False, patience: float | None = None) -> AsyncIterator[Any]:
        """Run a block in a transaction, and commit when it ends well. The first one makes the tables.

        Args:
            snapshot: only read, and see nothing that is committed after the first statement.
            patience: seconds, in place of the store's.

        Raises:
            StoreUnavailable: the database is away, too slow, or refuses. Nothing was changed; only when the connection
                breaks during the commit itself, nobody can know.
        """
        isolation = "repeatable_read" if snapshot else None
        try:
            async with asyncio.timeout(self._patience if patience is None else patience), AsyncExitStack() as stack:
                connection = await self._borrow(stack)
                if not self._is_migrated:
                    await migrate(connection, self.schema)
                    self._is_migrated = True
                async with connection.transaction(isolation=isolation, readonly=snapshot):
                    yield connection
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError) as error:
            self._is_migrated = False  # somebody dropped them: the next transaction makes them again
            raise unavailable(error) from None
        except AWAY as error:
            raise unavailable(error) from None

    async def _borrow(self, stack: AsyncExitStack) -> Any:
        try:
            return await stack.enter_async_context(self._pool.acquire())
        except Exception as error:  # pools have errors of their own: full, closed, nothing free in time
            raise unavailable(error) from None

    async def next_change(self, connection: Any) -> int:
        """Take the number of a change, and tell all processes of it at the commit.

        Until then nobody else gets one, so it is taken first: whoever sees a change has seen all that have a lower
        number, and two transactions never wait for each other in a circle.
        """
        number: int = await connection.fetchval(self.sql(_NEXT), self.channel)
        return number


def unavailable(error: BaseException) -> StoreUnavailable:
    """Say what a database did in words that hold nothing of what was sent to it."""
    if isinstance(error, asyncpg.PostgresError):
        code = error.sqlstate or ""
        why = f": {error.args[0]}" if error.args and code[:2] in _WITHOUT_VALUES else ""
        return StoreUnavailable(f"the database refused with {type(error).__name__} ({code}){why}")
    if isinstance(error, TimeoutError):
        return StoreUnavailable("the database didn't answer in time")
    return StoreUnavailable(f"the database can't be reached: {type(error).__name__}")


_NEXT = """
WITH next AS (UPDATE {schema}.counter SET number = number + 1 RETURNING number)
SELECT number FROM next, LATERAL (SELECT pg_notify($1, number::text)) AS told
"""

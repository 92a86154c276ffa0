"""A connection whose transactions begin as somebody: `BEGIN` and what follows it go to PostgreSQL in one message.

A transaction of a user begins with its role and its user's id. As statements of their own they cost a round trip each
time, of about ten that a short transaction has.
"""

from __future__ import annotations

from typing import Any

from asyncpg import Connection, PostgresError
from asyncpg.transaction import Transaction
from sqlalchemy.ext.asyncio import AsyncConnection


class BeginningConnection(Connection):
    """A connection of asyncpg.

    Attributes:
        beginning: SQL that each transaction begins with; empty: nothing.
    """

    beginning = ""

    def transaction(self, **_: Any) -> Transaction:
        """Return a transaction that hasn't begun. It has the database's own isolation level, and isn't nested."""
        return _Begun(self)


class _Begun(Transaction):
    def __init__(self, connection: BeginningConnection) -> None:
        super().__init__(connection, None, False, False)
        self._driver = connection

    async def start(self) -> None:
        try:
            await self._driver.execute(f"BEGIN; {self._driver.beginning}")
        except PostgresError:
            # What comes after BEGIN failed, and nobody else knows that there is a transaction.
            await self._driver.execute("ROLLBACK")
            raise

    async def commit(self) -> None:
        await self._driver.execute("COMMIT")

    async def rollback(self) -> None:
        await self._driver.execute("ROLLBACK")


def begin_with(connection: AsyncConnection, sql: str) -> None:
    """Say what the next transaction of a connection begins with: it lasts until it is said anew, so say it each time
    that a connection was taken from the pool."""
    driver = connection.sync_connection.connection.driver_connection if connection.sync_connection else None
    assert isinstance(driver, BeginningConnection)
    driver.beginning = sql


def quoted(text: str) -> str:
    """Write a text as a constant of SQL."""
    doubled = text.replace("'", "''")
    # Where a backslash means something depends on an option of the server, but not with an E before it.
    return "E'" + doubled.replace("\\", "\\\\") + "'"

"""The one way to a user's data: a `Scope` made from a token, and transactions in which everything is that user's.

No function takes a user id. A request names agents, sessions, memories; whose they may be is said by the scope alone,
twice: every statement made here carries the filter, and Row-Level Security holds for the whole transaction.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Delete,
    Executable,
    FromClause,
    Insert,
    Select,
    Table,
    Update,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.ports import Tenant
from agents.store.database import Database


class Scope:
    """What one user may reach. Made by `agents.accounts` from a token that was checked, and for runs of that user.

    Attributes:
        subject: the user's name to the hub: `sub` of its tokens, the owner of `user:` and `session:` channels.
    """

    __slots__ = ("_database", "_user", "subject")

    def __init__(self, database: Database, user: UUID, subject: str) -> None:
        self.subject: Final = subject
        self._database = database
        self._user = user

    def __repr__(self) -> str:
        return f"Scope({self.subject!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scope) and other._user == self._user

    def __hash__(self) -> int:
        return hash(self._user)

    @property
    def key(self) -> str:
        """The beginning of every key that holds something of this user outside the database, as in Redis."""
        return f"user:{self._user}"

    def tenant(self, agent: UUID) -> Tenant:
        """Whose vectors an agent's are. An agent of somebody else gives a tenant that has none."""
        return Tenant(self._user, agent)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        """Begin a transaction. It is committed at the end of the block, and undone when that raises.

        Raises:
            ReplyError: `unavailable`.
        """
        async with self._database.of_user(self._user) as connection:
            yield Work(connection, self._user)


class Work:
    """One transaction of one user. Statements of `select`, `insert`, `update` and `delete` are confined to the user's
    rows; `run` executes them."""

    __slots__ = ("_connection", "_user")

    def __init__(self, connection: AsyncConnection, user: UUID) -> None:
        self._connection = connection
        self._user = user

    def owned(self, table: FromClause) -> ColumnElement[bool]:
        """The filter itself, for statements of more than one table."""
        return self._own_id(table) == self._user

    @staticmethod
    def _own_id(table: FromClause) -> ColumnElement[Any]:
        return table.c.user_id if "user_id" in table.c else table.c.id

    def select(self, table: FromClause, *columns: ColumnElement[Any]) -> Select[Any]:
        """Begin to read rows of a table; without columns, all of them."""
        return select(*columns or tuple(table.c)).select_from(table).where(self.owned(table))

    def insert(self, table: Table, **values: Any) -> Insert:
        """Begin to insert a row."""
        return insert(table).values(user_id=self._user, **values)

    def update(self, table: Table) -> Update:
        """Begin to change rows."""
        return update(table).where(self.owned(table))

    def delete(self, table: Table) -> Delete:
        """Begin to delete rows."""
        return delete(table).where(self.owned(table))

    async def run(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Execute a statement."""
        return await self._connection.execute(statement, parameters)

    async def one(self, statement: Executable) -> RowMapping | None:
        """Execute a statement and return its first row, if there is one."""
        return (await self.run(statement)).mappings().first()

    async def all(self, statement: Executable) -> list[RowMapping]:
        """Execute a statement and return its rows."""
        return list((await self.run(statement)).mappings())

    async def scalar(self, statement: Executable) -> Any:
        """Execute a statement and return the first column of its first row, `None` without one."""
        return (await self.run(statement)).scalar()

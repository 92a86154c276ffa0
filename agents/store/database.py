"""The engine, and its two kinds of transactions: a user's, which Row-Level Security confines, and the system's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from agents.store.connection import BeginningConnection, begin_with, quoted
from channels.errors import ErrorCode, ReplyError

_BECOME: Final = "SELECT set_config('role', {role}, true), set_config('tocsin.user_id', {user}, true)"
"""Both end with the transaction, so a connection goes back to the pool as it came."""

_AWAY: Final = ("08", "28", "3D", "40", "53", "57P")
"""Classes of PostgreSQL's codes after which the same may succeed later: no connection, no login, no such database,
two transactions in each other's way, resources exhausted, a server that stops or starts."""


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """How the agents reach PostgreSQL.

    Attributes:
        dsn: `postgresql://...`; a secret.
        schema: in which all tables are.
        role: that transactions of users run as; it may not bypass Row-Level Security.
        pool, overflow: connections that are kept, and that may be opened beyond them.
        timeout: seconds that a transaction waits for a connection, and that opening one may take.
    """

    dsn: str
    schema: str = "tocsin_agents"
    role: str = "tocsin_agents"
    pool: int = 10
    overflow: int = 20
    timeout: float = 10.0

    def __repr__(self) -> str:
        return f"DatabaseOptions(schema={self.schema!r}, role={self.role!r})"


class Database:
    """Connections to PostgreSQL.

    Attributes:
        engine: SQLAlchemy's, for who measures its pool.
    """

    def __init__(self, options: DatabaseOptions) -> None:
        self.options = options
        self.engine: AsyncEngine = make_engine(options)

    @asynccontextmanager
    async def of_user(self, user: UUID) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction that sees and changes rows of one user alone. Only `Scope` calls this.

        Raises:
            ReplyError: `unavailable`; the database is away, or all connections are busy.
        """
        async with self._begin(_BECOME.format(role=quoted(self.options.role), user=quoted(str(user)))) as connection:
            yield connection

    @asynccontextmanager
    async def of_system(self) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction that sees everything: for signing in, and for upkeep that serves all users.

        Raises:
            ReplyError: `unavailable`.
        """
        async with self._begin() as connection:
            yield connection

    @asynccontextmanager
    async def _begin(self, beginning: str = "") -> AsyncIterator[AsyncConnection]:
        try:
            async with self.engine.begin() as connection:
                begin_with(connection, beginning)
                yield connection
        except (OperationalError, InterfaceError, PoolTimeout, OSError, TimeoutError) as error:
            raise unavailable(error) from error
        except DBAPIError as error:
            if error.connection_invalidated or sqlstate(error).startswith(_AWAY):
                raise unavailable(error) from error
            raise

    async def is_there(self) -> bool:
        """Ask the database for a sign of life."""
        try:
            async with self.of_system() as connection:
                await connection.execute(text("SELECT 1"))
        except ReplyError:
            return False
        return True

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def make_engine(options: DatabaseOptions) -> AsyncEngine:
    """Make an engine whose connections find the tables of `options.schema`, and pgvector's type in `public`."""
    url = make_url(options.dsn).set(drivername="postgresql+asyncpg")
    # Compiling a plan takes longer than any of our statements does.
    settings = {"search_path": f"{options.schema},public", "application_name": "tocsin agents", "jit": "off"}
    return create_async_engine(
        url,
        pool_size=options.pool,
        max_overflow=options.overflow,
        pool_timeout=options.timeout,
        hide_parameters=True,  # or errors and logs would have passwords' hashes and messages
        connect_args={
            "timeout": options.timeout,
            "server_settings": settings,
            "connection_class": BeginningConnection,
        },
    )


def sqlstate(error: DBAPIError) -> str:
    """Return PostgreSQL's code of an error; "" when it has none."""
    return str(getattr(error.orig, "sqlstate", None) or "")


def unavailable(error: BaseException) -> ReplyError:
    """Refuse because of the database, without its words: they may hold its address."""
    busy = isinstance(error, PoolTimeout)
    why = "all its connections are busy" if busy else "it is away"
    return ReplyError(ErrorCode.UNAVAILABLE, f"the database of the agents can't be used: {why}", retry_after=1)

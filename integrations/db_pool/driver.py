"""Opening, cleaning and closing connections with asyncpg."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import asyncpg
from asyncpg import Record
from asyncpg.connection import Connection, LoggedQuery

from integrations.db_pool.options import PoolOptions

Init = Callable[["Connection[Record]"], Awaitable[object]]
"""Prepares a connection once, after it was opened: codecs, for example."""


class Driver(Protocol):
    """What a pool needs of the database."""

    async def open(self) -> Connection[Record]:
        """Open a connection, within the connect timeout.

        Raises:
            OSError: the server isn't there, or not in time (`TimeoutError`).
            asyncpg.PostgresError: it refused.
        """

    async def clean(self, connection: Connection[Record]) -> None:
        """Make it as if new: no transaction, no lock, no listener, no setting. May be called again when cancelled.

        Raises:
            Exception: it can't be used any more.
        """

    async def close(self, connection: Connection[Record]) -> None:
        """Close it. When this returns, the server has ended its side.

        Raises:
            Exception: it is closed on this side; the server may not have noticed.
        """


class AsyncpgDriver:
    """Connections of one DSN.

    Args:
        logger: is told of each query.
        init: prepares each new connection.
        connect: more of what `asyncpg.connect` takes.
    """

    def __init__(
        self,
        dsn: str,
        options: PoolOptions,
        logger: Callable[[LoggedQuery], None],
        init: Init | None = None,
        connect: Mapping[str, Any] | None = None,
    ) -> None:
        self._dsn = dsn
        self._options = options
        self._logger = logger
        self._init = init
        self._connect = dict(connect or {})

    async def open(self) -> Connection[Record]:
        connection: Connection[Record] = await asyncpg.connect(
            self._dsn, **{"timeout": self._options.connect_timeout, **self._connect}
        )
        try:
            if self._init is not None:
                await self._init(connection)
        except BaseException:
            connection.terminate()
            raise
        connection.add_query_logger(self._logger)
        return connection

    async def clean(self, connection: Connection[Record]) -> None:
        await connection.reset(timeout=self._options.reset_timeout)
        if connection.is_in_transaction():
            # A BEGIN that was cancelled while the server ran it is only known now.
            await connection.reset(timeout=self._options.reset_timeout)

    async def close(self, connection: Connection[Record]) -> None:
        # asyncpg sends Terminate and waits for the end of the stream, which the server's process sends as it exits.
        await connection.close(timeout=self._options.close_timeout)

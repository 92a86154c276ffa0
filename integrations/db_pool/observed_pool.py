"""An `asyncpg.Pool` that somebody already has, watched."""

from __future__ import annotations

from types import TracebackType
from typing import Any, cast

import asyncpg
from asyncpg import Record

from channels import Clock
from channels.push import Push
from integrations.db_pool.lending import Borrowed
from integrations.db_pool.numbers import PoolNumbers
from integrations.db_pool.observing import Gauge, Observer
from integrations.db_pool.options import PoolOptions
from integrations.db_pool.queries import Queries
from integrations.db_pool.shortcuts import Shortcuts


class ObservedPool(Shortcuts):
    """Stands where the pool stood: borrow through it, and waits, leaks and queries are seen.

    Queries are those by `fetch`, `fetchrow`, `fetchval`, `execute` and `executemany`; prepared statements, cursors,
    COPY and what begins and ends transactions are not counted.

    What still borrows from the pool itself is seen in the sizes alone. Its size never changes: asyncpg fixes it.
    """

    def __init__(self, pool: asyncpg.Pool[Record], observer: Observer) -> None:
        self._pool = pool
        self._observer = observer

    async def start(self) -> None:
        """Begin with the timer of `stats_update` and the search for leaks."""
        await self._observer.start()

    async def close(self) -> None:
        """End the timer. The pool stays open: who made it closes it."""
        await self._observer.close()

    def acquire(self, *, timeout: float | None = None) -> _Acquiring:
        """Borrow a connection, as from the pool: `async with observed.acquire() as connection:`."""
        return _Acquiring(self._pool, self._observer, timeout)

    def numbers(self) -> PoolNumbers:
        """Measure the pool as of now."""
        return self._observer.numbers()


class _Timed:
    """A connection as the pool lends it, whose queries are timed.

    asyncpg's own query loggers would cost another round of the loop for each query, and that twice: for what the pool
    cleans a connection with, too.
    """

    __slots__ = ("_connection", "_queries")

    def __init__(self, connection: Borrowed, queries: Queries) -> None:
        self._connection = connection
        self._queries = queries

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def __repr__(self) -> str:
        return repr(self._connection)

    async def fetch(self, query: str, *args: Any, **options: Any) -> list[Record]:
        return await self._queries.timed(query, self._connection.fetch(query, *args, **options))

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Record | None:
        return await self._queries.timed(query, self._connection.fetchrow(query, *args, **options))

    async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:
        return await self._queries.timed(query, self._connection.fetchval(query, *args, **options))

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        return await self._queries.timed(query, self._connection.execute(query, *args, **options))

    async def executemany(self, command: str, args: Any, **options: Any) -> None:
        await self._queries.timed(command, self._connection.executemany(command, args, **options))


class _Acquiring:
    __slots__ = ("_connection", "_observer", "_pool", "_timeout")

    def __init__(self, pool: asyncpg.Pool[Record], observer: Observer, timeout: float | None) -> None:
        self._pool = pool
        self._observer = observer
        self._timeout = timeout
        self._connection: Borrowed | None = None

    async def __aenter__(self) -> Borrowed:
        observer = self._observer
        observer.asked(self)
        try:
            connection = await self._pool.acquire(timeout=self._timeout)
        except BaseException as error:
            observer.answered(self, error)
            raise
        observer.answered(self)
        observer.borrowed(self)
        self._connection = connection
        return cast(Borrowed, _Timed(connection, observer.queries))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if _broken(connection):
            self._observer.lost(self)
        else:
            self._observer.returned(self)
        await self._pool.release(connection)  # asyncpg shields it from cancellation itself


def _broken(connection: Borrowed) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # asyncpg has taken it back already, because it broke
        return True


def observe_pool(
    pool: asyncpg.Pool[Record],
    push: Push | None = None,
    options: PoolOptions | None = None,
    clock: Clock | None = None,
    node: str | None = None,
) -> ObservedPool:
    """Watch a pool. Use what this returns in its place, and `start` it."""

    def gauge() -> Gauge:
        size = pool.get_max_size()
        return Gauge(size, pool.get_size(), pool.get_idle_size(), size)

    return ObservedPool(pool, Observer(gauge, push, options, clock, node))

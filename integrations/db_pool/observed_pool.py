"""An `asyncpg.Pool` that somebody already has, watched."""

from __future__ import annotations

from types import TracebackType

import asyncpg
from asyncpg import Record

from channels import Clock
from channels.push import Push
from integrations.db_pool.lending import Borrowed
from integrations.db_pool.numbers import PoolNumbers
from integrations.db_pool.observing import Gauge, Observer
from integrations.db_pool.options import PoolOptions
from integrations.db_pool.shortcuts import Shortcuts


class ObservedPool(Shortcuts):
    """Stands where the pool stood: borrow through it, and waits, leaks and queries are seen.

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
        connection.add_query_logger(observer.queries)
        self._connection = connection
        return connection

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
            # asyncpg cleans the connection by a query of its own, which is nobody's.
            connection.remove_query_logger(self._observer.queries)
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

"""Counting and timing queries by asyncpg's query loggers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from asyncpg.connection import LoggedQuery

from channels import Clock
from integrations.db_pool.options import PoolOptions
from integrations.db_pool.telling import Telling
from integrations.db_pool.windows import Window

T = TypeVar("T")

_CLEANING = "SELECT pg_advisory_unlock_all();"
"""How asyncpg begins what it cleans a connection with: that isn't a query of anybody's."""


class Queries:
    """Counts the queries of a pool's connections. asyncpg doesn't tell of prepared statements, cursors, COPY,
    and queries that died with their connection; the last are seen as lost connections.

    asyncpg calls it in the loop's next round, after the query has ended: what it costs is not in any query's time.

    Attributes:
        total, failed, slow: queries since the start, those that raised, those over the bound.
        took: is told the seconds of each, for who keeps a statistic of his own.
    """

    def __init__(self, options: PoolOptions, telling: Telling, clock: Clock) -> None:
        self._bound = options.slow_query or float("inf")
        self._telling = telling
        self._monotonic = clock.monotonic
        self.times = Window(options.window, clock.monotonic())
        self.took: Callable[[float], None] | None = None
        self.total = 0
        self.failed = 0
        self.slow = 0

    def __call__(self, record: LoggedQuery) -> None:
        """Take note of one query."""
        if not record.query.startswith(_CLEANING):
            self.note(record.query, record.elapsed, record.exception)

    async def timed(self, query: str, work: Awaitable[T]) -> T:
        """Do what `query` stands for, and take note of it."""
        begun = self._monotonic()
        try:
            result = await work
        except BaseException as error:
            self.note(query, self._monotonic() - begun, error)
            raise
        self.note(query, self._monotonic() - begun, None)
        return result

    def note(self, query: str, seconds: float, error: BaseException | None) -> None:
        """Take note of one query that took so long, and ended so."""
        now = self._monotonic()
        self.total += 1
        self.times.add(now, seconds)
        if self.took is not None:
            self.took(seconds)
        if error is not None and not isinstance(error, asyncio.CancelledError):
            self.failed += 1
        if seconds > self._bound:
            self.slow += 1
            self._telling.slow(now, query, seconds, error is not None)

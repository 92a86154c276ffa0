"""A pool of PostgreSQL connections whose size follows the load."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import structlog

from channels import Clock, SystemClock
from channels.push import Push
from integrations.db_pool.driver import AsyncpgDriver, Driver, Init
from integrations.db_pool.lender import Lender
from integrations.db_pool.lending import Borrowed, Held
from integrations.db_pool.numbers import PoolNumbers
from integrations.db_pool.options import PoolOptions
from integrations.db_pool.queries import Queries
from integrations.db_pool.shortcuts import Shortcuts
from integrations.db_pool.sizing import Decision, Sizing
from integrations.db_pool.telling import Telling

log = structlog.get_logger(__name__)


class DynamicPool(Shortcuts):
    """Lends connections, and changes its size by how many are wanted.

    The size is a limit that the pool owns: growing raises it, and connections are opened when somebody wants them;
    shrinking lowers it, closes idle connections, and lets those in use come back first. There are never more server
    connections than `maximum`, those included that are being opened or closed. Use it on one event loop.

    Args:
        dsn: where the database is, as `asyncpg.connect` takes it.
        push: says on `db_pool_stats` what happens; without a publisher nothing is said, and all works alike.
        node: this process, in messages.
        init: prepares each new connection, such as `pgvector.asyncpg.register_vector`.
        connect: more of what `asyncpg.connect` takes, such as `ssl` or `server_settings`.
        driver: another way to open connections than asyncpg's own.
        new_id: makes the id of a change.
    """

    def __init__(
        self,
        dsn: str,
        options: PoolOptions | None = None,
        push: Push | None = None,
        clock: Clock | None = None,
        *,
        node: str | None = None,
        init: Init | None = None,
        connect: Mapping[str, Any] | None = None,
        driver: Driver | None = None,
        new_id: Callable[[], str] = lambda: secrets.token_hex(6),
    ) -> None:
        self.options = options or PoolOptions()
        self.push = push or Push()
        self._clock = clock or SystemClock()
        self._new_id = new_id
        self._telling = Telling(self.push, self.options, node)
        self._queries = Queries(self.options, self._telling, self._clock)
        own = driver or AsyncpgDriver(dsn, self.options, self._queries, init, connect)
        self._lender = Lender(own, self.options, self._clock)
        self._sizing = Sizing(self.options)
        self._task: asyncio.Task[None] | None = None
        self._resizes = 0
        self._leaks = 0

    async def start(self) -> None:
        """Begin; the first connections are opened in the background. Waits for nothing: the database may be away.

        Raises:
            PoolClosed: it was closed before; make a new one.
        """
        self._lender.begin()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name=f"pool {self.options.name}")

    async def close(self) -> None:
        """End: who waits is told so, who has a connection may bring it back within `close_timeout`; then it is cut.

        Takes at most twice `close_timeout`. Doing it twice is once.
        """
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._lender.end()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def acquire(self, timeout: float | None = None) -> Loan:
        """Borrow a connection: `async with pool.acquire() as connection:`. First come, first served.

        It comes back as clean as new: an open transaction is rolled back, locks, listeners and settings are gone.

        Args:
            timeout: longest wait in seconds; `acquire_timeout` when it isn't given.

        Raises:
            PoolTimeout: none became free in time.
            PoolFull: more than `waiters` wait already.
            PoolClosed: the pool isn't running.
            OSError, asyncpg.PostgresError: the database can't be reached, or refuses, and nobody has a connection that
                could be waited for.
        """
        return Loan(self._lender, self.options, timeout)

    def numbers(self) -> PoolNumbers:
        """Measure the pool as of now."""
        now = self._clock.monotonic()
        return self._lender.numbers(
            now,
            qps=round(self._queries.times.rate(now), 3),
            avg_query_time=round(1000 * self._queries.times.mean(now), 3),
            total_queries=self._queries.total,
            failed_queries=self._queries.failed,
            slow_queries=self._queries.slow,
            leaks=self._leaks,
            resizes=self._resizes,
        )

    def resize(self, size: int) -> bool:
        """Change the size by hand; `False`: it is that already. The load may change it again after the cooldown.

        Raises:
            ValueError: below `minimum` or above `maximum`.
        """
        if not self.options.minimum <= size <= self.options.maximum:
            raise ValueError(f"size: expected {self.options.minimum} to {self.options.maximum}, came {size}")
        return self._change(Decision(size, "manual", ()))

    def _change(self, decision: Decision) -> bool:
        old = self._lender.size
        if decision.size == old:
            return False
        now = self._clock.monotonic()
        self._lender.resize(now, decision.size)
        self._sizing.changed(now)
        self._resizes += 1
        name, resize_id = self.options.name, self._new_id()
        log.info("pool resized", pool=name, old=old, new=decision.size, reason=decision.reason, resize_id=resize_id)
        self._telling.resized(old, decision, self.numbers(), resize_id)
        return True

    async def _run(self) -> None:
        """Look after the pool until cancelled. What fails is logged, and tried again with the next sample."""
        loop = asyncio.get_running_loop()
        stats_at = loop.time() + self.options.stats_interval
        self._lender.tidy(self._clock.monotonic())
        while True:
            await asyncio.sleep(self.options.sample_interval)
            try:
                self._look_after()
                if self.options.stats_interval and loop.time() >= stats_at:
                    stats_at = loop.time() + self.options.stats_interval
                    self._telling.stats(self.numbers(), self.options.maximum)
            except Exception:
                log.exception("looking after the pool failed", pool=self.options.name)

    def _look_after(self) -> None:
        now = self._clock.monotonic()
        sample = self._lender.sample(now)
        if (decision := self._sizing.sample(now, self._lender.size, sample)) is not None:
            self._change(decision)
        self._lender.tidy(now)
        if self.options.leak_after:
            for held in self._lender.overdue(now - self.options.leak_after):
                self._suspect(now, held)

    def _suspect(self, now: float, held: Held) -> None:
        held.suspected = True
        self._leaks += 1
        pid = None if held.connection.is_closed() else held.connection.get_server_pid()
        self._telling.leak(now, now - held.since, self._lender.active, held.stack(), held.task, pid)


class Loan:
    """A connection for the length of an `async with`."""

    __slots__ = ("_frames", "_held", "_lender", "_timeout")

    def __init__(self, lender: Lender, options: PoolOptions, timeout: float | None) -> None:
        self._lender = lender
        self._frames = options.leak_frames if options.leak_after else 0
        self._timeout = options.acquire_timeout if timeout is None else timeout
        self._held: Held | None = None

    async def __aenter__(self) -> Borrowed:
        if self._held is not None:
            raise RuntimeError("expected one `async with` for each acquire(), but this one is in use")
        lender = self._lender
        held = lender.take() or await lender.wait(self._timeout)
        self._held = held
        return held.lend(lender.clock.monotonic(), self._frames)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        held, self._held = self._held, None
        if held is None:
            return
        try:
            held.take_back()  # warns of listeners that were left behind
        finally:
            if kind is GeneratorExit:  # the borrower was thrown away: nothing may be awaited any more
                self._lender.give_back_later(held)
            else:
                await self._lender.give_back(held)

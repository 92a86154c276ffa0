"""Watching a pool that somebody else owns: the same messages, and no resizing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from types import FrameType
from typing import NamedTuple

import structlog

from channels import Clock, SystemClock
from channels.push import Push
from integrations.db_pool.lending import Borrowing
from integrations.db_pool.numbers import PoolNumbers, utilization
from integrations.db_pool.options import PoolOptions
from integrations.db_pool.queries import Queries
from integrations.db_pool.telling import Telling
from integrations.db_pool.windows import Window

log = structlog.get_logger(__name__)


class Gauge(NamedTuple):
    """What a foreign pool says of itself.

    Attributes:
        size: connections that it may have without overflow.
        open: connections that it has.
        idle: of these, the free ones.
        maximum: connections that it may have with overflow; `None`: it has no bound.
    """

    size: int
    open: int
    idle: int
    maximum: int | None


class Observer:
    """Measures a foreign pool, and says it on `db_pool_stats`.

    Of the options, those count that are about what is told: `name`, `window`, `sample_interval`, `stats_interval`, and
    all about leaks and slow queries.

    Args:
        gauge: asks the pool.
        options: see above.

    Attributes:
        queries: is told of queries.
    """

    def __init__(
        self,
        gauge: Callable[[], Gauge],
        push: Push | None = None,
        options: PoolOptions | None = None,
        clock: Clock | None = None,
        node: str | None = None,
    ) -> None:
        self.options = options or PoolOptions()
        self.push = push or Push()
        self.clock = clock or SystemClock()
        self._gauge = gauge
        self._telling = Telling(self.push, self.options, node)
        self.queries = Queries(self.options, self._telling, self.clock)
        self._waits = Window(self.options.window, self.clock.monotonic(), percentiles=True)
        self._waiting: dict[Hashable, float] = {}
        self._borrowed: dict[Hashable, Borrowing] = {}
        self._task: asyncio.Task[None] | None = None
        self._timeouts = 0
        self._connect_errors = 0
        self._lost = 0
        self._leaks = 0

    async def start(self) -> None:
        """Begin with the timer."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name=f"observer {self.options.name}")

    async def close(self) -> None:
        """End the timer. The pool stays as it is."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def asked(self, key: Hashable) -> None:
        """Somebody wants a connection."""
        self._waiting[key] = self.clock.monotonic()

    def answered(self, key: Hashable, error: BaseException | None = None) -> None:
        """He has one, or will not get one."""
        now = self.clock.monotonic()
        begun = self._waiting.pop(key, now)
        self._waits.add(now, now - begun)
        if isinstance(error, TimeoutError):
            self._timeouts += 1
        elif isinstance(error, Exception):
            self._connect_errors += 1

    def timed_out(self, key: Hashable) -> None:
        """He waited in vain, which this pool says in a way of its own."""
        self.answered(key, TimeoutError())

    def borrowed(self, key: Hashable, top: FrameType | None = None) -> None:
        """A connection was lent; `top` is where the borrower is, unless that is the caller."""
        borrowing = self._borrowed[key] = Borrowing()
        borrowing.begin(self.clock.monotonic(), self.options.leak_frames if self.options.leak_after else 0, top)

    def returned(self, key: Hashable) -> None:
        """It came back."""
        self._borrowed.pop(key, None)

    def lost(self, key: Hashable) -> None:
        """It broke."""
        self._lost += 1
        self.returned(key)

    def numbers(self) -> PoolNumbers:
        """Measure the pool as of now."""
        now, gauge, waits = self.clock.monotonic(), self._gauge(), self._waits
        active = max(0, gauge.open - gauge.idle)
        p50, p95, p99 = (round(1000 * wait, 3) for wait in waits.percentiles(now, 0.5, 0.95, 0.99))
        longest = max(waits.largest(now), now - next(iter(self._waiting.values()), now))
        return PoolNumbers(
            pool_size=gauge.size,
            active_connections=active,
            idle_connections=gauge.idle,
            overflow_connections=max(0, gauge.open - gauge.size),
            utilization=utilization(active, gauge.size),
            qps=round(self.queries.times.rate(now), 3),
            avg_query_time=round(1000 * self.queries.times.mean(now), 3),
            max_wait_time=round(1000 * longest, 3),
            total_queries=self.queries.total,
            waiters=len(self._waiting),
            wait_p50=p50,
            wait_p95=p95,
            wait_p99=p99,
            timeouts=self._timeouts,
            connect_errors=self._connect_errors,
            lost_connections=self._lost,
            failed_queries=self.queries.failed,
            slow_queries=self.queries.slow,
            leaks=self._leaks,
        )

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        stats_at = loop.time() + self.options.stats_interval
        while True:
            await asyncio.sleep(self.options.sample_interval)
            try:
                self._look_for_leaks()
                if self.options.stats_interval and loop.time() >= stats_at:
                    stats_at = loop.time() + self.options.stats_interval
                    self._telling.stats(self.numbers(), self._gauge().maximum)
            except Exception:
                log.exception("observing the pool failed", pool=self.options.name)

    def _look_for_leaks(self) -> None:
        if not self.options.leak_after:
            return
        now = self.clock.monotonic()
        for borrowing in list(self._borrowed.values()):
            held = now - borrowing.since
            if held > self.options.leak_after and not borrowing.suspected:
                borrowing.suspected = True
                self._leaks += 1
                self._telling.leak(now, held, len(self._borrowed), borrowing.stack(), borrowing.task, None)

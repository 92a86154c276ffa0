"""Who gets a connection, and when: the size, the overflow and the queue."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any, Final

from channels import Clock
from integrations.db_pool.driver import Driver
from integrations.db_pool.errors import PoolClosed, PoolFull, PoolTimeout
from integrations.db_pool.lending import Held
from integrations.db_pool.numbers import PoolNumbers, utilization
from integrations.db_pool.options import PoolOptions
from integrations.db_pool.sizing import Load, Sample
from integrations.db_pool.stock import Stock
from integrations.db_pool.windows import Window

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
"""Seconds between attempts to open connections while the database refuses: doubled from the first to the longest."""


class Lender:
    """Hands connections out in the order of asking.

    A connection that becomes free goes to whoever waits longest, directly: nobody can snatch it on the way. A waiter
    that is cancelled or times out gives back at once what it was just given.

    Attributes:
        size: connections without overflow.
        timeouts: borrowers that waited in vain.
        refused: borrowers that were not let in.
    """

    def __init__(self, driver: Driver, options: PoolOptions, clock: Clock) -> None:
        self._options = options
        self.clock = clock
        self.size = options.start
        self.timeouts = 0
        self.refused = 0
        now = clock.monotonic()
        self._stock = Stock(driver, options, self._dispatch, self._failed)
        self._waiters: OrderedDict[asyncio.Future[Held], float] = OrderedDict()
        self._load = Load(now)
        self._waits = Window(options.window, now, percentiles=True)
        self._running = False
        self._ended = False
        self._empty = asyncio.Event()
        self._quiet_until = float("-inf")
        self._last_error: Exception | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def active(self) -> int:
        """Connections that are lent, or being cleaned."""
        return len(self._stock.busy)

    @property
    def capacity(self) -> int:
        """Connections that may be lent at a time."""
        return min(self.size + self._options.overflow, self._options.maximum)

    def begin(self) -> None:
        """Begin to lend."""
        if self._ended:
            raise PoolClosed("the pool was closed; make a new one")
        self._running = True

    def take(self) -> Held | None:
        """Take a free connection if nobody waits for one."""
        if not self._running:
            raise PoolClosed("the pool is closed" if self._ended else "the pool isn't running: await start() first")
        if self._waiters or len(self._stock.busy) >= self.capacity:
            return None
        held = self._stock.take()
        if held is not None:
            now = self.clock.monotonic()
            self._waits.add(now, 0.0)
            self._load.change(now, len(self._stock.busy), 0, self.size)
        return held

    async def wait(self, timeout: float) -> Held:
        """Wait for a connection, behind all who wait already."""
        if len(self._waiters) >= self._options.waiters:
            self.refused += 1
            raise PoolFull(f"{len(self._waiters)} wait for a connection already, and `waiters` allows no more")
        loop = asyncio.get_running_loop()
        begun = self.clock.monotonic()
        waiter: asyncio.Future[Held] = loop.create_future()
        self._waiters[waiter] = begun
        timer = loop.call_later(timeout, self._expire, waiter, timeout)
        try:
            self._dispatch()
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._stock.put(waiter.result())  # it was given one in the moment it was cancelled
            raise
        finally:
            timer.cancel()
            now = self.clock.monotonic()
            self._waits.add(now, now - begun)
            if self._waiters.pop(waiter, None) is not None or not self._running:
                self._note(now)
            if waiter.cancelled() or self._stock.idle:
                self._dispatch()

    async def give_back(self, held: Held) -> None:
        """Clean a connection and make it free. A failure costs the connection, and nobody hears of it: what the
        borrower did is done."""
        try:
            if held.connection.is_closed():
                self._stock.cut(held)
            else:
                await self._stock.driver.clean(held.connection)
                self._stock.put(held)
        except asyncio.CancelledError:
            if held in self._stock.busy:  # not so when the pool has ended meanwhile
                self.give_back_later(held)
            raise
        except Exception:
            self._stock.cut(held)
        self._dispatch()

    def give_back_later(self, held: Held) -> None:
        """Do it in a task of the pool's own."""
        self._stock.later(self.give_back(held))

    def resize(self, now: float, size: int) -> None:
        """Change the size. Idle connections beyond it are closed; those in use come back first."""
        self.size = size
        self._note(now)
        self._trim()
        self._dispatch()

    def sample(self, now: float) -> Sample:
        """The load since the last sample."""
        return self._load.sample(now)

    def tidy(self, now: float) -> None:
        """Let go of dead connections and of those beyond the size; keep the minimum open."""
        self._stock.prune()
        self._dispatch()
        self._trim()
        while self._stock.open < self._options.minimum and self._stock.room > 0 and now >= self._quiet_until:
            self._stock.grow()

    def overdue(self, before: float) -> list[Held]:
        """Those that were borrowed before a time, and are not suspected yet."""
        return [held for held in self._stock.busy if held.since < before and not held.suspected]

    def numbers(self, now: float, **others: Any) -> PoolNumbers:
        """What is known here; `others` is what the pool knows."""
        stock, waits = self._stock, self._waits
        p50, p95, p99 = (round(1000 * wait, 3) for wait in waits.percentiles(now, 0.5, 0.95, 0.99))
        longest = max(waits.largest(now), now - next(iter(self._waiters.values()), now))
        return PoolNumbers(
            pool_size=self.size,
            active_connections=len(stock.busy),
            idle_connections=len(stock.idle),
            overflow_connections=max(0, len(stock.busy) + len(stock.idle) - self.size),
            utilization=utilization(len(stock.busy), self.size),
            max_wait_time=round(1000 * longest, 3),
            opening_connections=stock.opening,
            closing_connections=stock.closing,
            waiters=len(self._waiters),
            wait_p50=p50,
            wait_p95=p95,
            wait_p99=p99,
            timeouts=self.timeouts,
            refused=self.refused,
            connect_errors=stock.connect_errors,
            lost_connections=stock.lost,
            **others,
        )

    async def end(self) -> None:
        """Refuse who waits, wait for what is lent, and close everything."""
        if self._ended:
            return
        self._ended, self._running = True, False
        if self._timer is not None:
            self._timer.cancel()
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(PoolClosed("the pool was closed while you waited"))
        self._stock.retire(len(self._stock.idle))
        try:
            async with asyncio.timeout(self._options.close_timeout):
                while self._stock.busy:
                    self._empty.clear()
                    await self._empty.wait()
        except TimeoutError:
            pass
        finally:
            await self._stock.end()

    def _dispatch(self) -> None:
        """Give free connections to those who wait, and open more where that is allowed. Called after every change."""
        stock = self._stock
        if not self._running:
            stock.retire(len(stock.idle))
            if not stock.busy:
                self._empty.set()
            return
        while self._waiters and len(stock.busy) < self.capacity:
            waiter = next(iter(self._waiters))
            if waiter.done():  # cancelled or timed out, and about to take itself out
                del self._waiters[waiter]
            elif (held := stock.take()) is not None:
                del self._waiters[waiter]
                waiter.set_result(held)
            else:
                break
        now = self.clock.monotonic()
        self._note(now)
        wanted = len(self._waiters) - stock.opening
        while wanted > 0 and stock.open < self.capacity and self._may_open(now):
            stock.grow()
            wanted -= 1

    def _may_open(self, now: float) -> bool:
        """Whether there is a place, and no pause; who has nobody to wait for is not kept waiting by a pause."""
        if self._stock.room <= 0:
            return False
        return now >= self._quiet_until or not (self._stock.busy or self._stock.idle)

    def _failed(self, error: Exception) -> None:
        """A connection could not be opened.

        While others have connections, those who wait go on waiting for these, and opening pauses. Otherwise the one who
        waits longest hears of it: each attempt is for one of those who wait.
        """
        self._last_error = error
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self._stock.failures_in_a_row - 1, 10))
        self._quiet_until = self.clock.monotonic() + pause
        if not (self._stock.busy or self._stock.idle):
            waiter = next((waiter for waiter in self._waiters if not waiter.done()), None)
            if waiter is not None:
                del self._waiters[waiter]
                waiter.set_exception(error)
        if self._timer is not None:
            self._timer.cancel()
        if self._running:
            self._timer = asyncio.get_running_loop().call_later(pause, self._dispatch)
        self._dispatch()

    def _expire(self, waiter: asyncio.Future[Held], timeout: float) -> None:
        if waiter.done():
            return
        self.timeouts += 1
        why = f"; opening failed: {self._last_error!r}" if self._stock.failures_in_a_row else ""
        waiter.set_exception(
            PoolTimeout(
                f"no connection became free within {timeout:g} s: {len(self._stock.busy)} of {self.capacity} in use, "
                f"{len(self._waiters)} waiting{why}"
            )
        )

    def _note(self, now: float) -> None:
        self._load.change(now, len(self._stock.busy), len(self._waiters), self.size)

    def _trim(self) -> None:
        stock = self._stock
        excess = len(stock.busy) + len(stock.idle) - self.size
        if excess > 0:
            stock.retire(min(excess, len(stock.idle)))

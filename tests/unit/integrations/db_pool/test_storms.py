"""Storms of cancellations and failures: whatever happens at whatever point, no place is lost and no bound is passed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from channels import SystemClock
from integrations.db_pool import PoolOptions
from integrations.db_pool.lender import Lender
from integrations.db_pool.lending import Held
from tests.live import until
from tests.unit.integrations.db_pool.fake_database import FakeConnection, FakeDatabase

MAXIMUM = 5


class Storm:
    """Borrowers of one lender, and what befalls them."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.database = FakeDatabase(lag=0.001)
        options = PoolOptions(
            minimum=1, maximum=MAXIMUM, overflow=2, settle=0.004, close_timeout=0.5, reset_timeout=0.5
        )
        self.lender = Lender(self.database, options, SystemClock())
        self.tasks: list[asyncio.Task[None]] = []
        self.lent = 0

    async def borrow(self, timeout: float) -> Held:
        return self.lender.take() or await self.lender.wait(timeout)

    async def customer(self) -> None:
        held = await self.borrow(0.05)
        self.lent += 1
        assert self.lent <= MAXIMUM
        try:
            await asyncio.sleep(self.rng.choice([0, 0, 0.001]))
            if self.rng.random() < 0.05:
                cast(FakeConnection, held.connection).die()
        finally:
            self.lent -= 1
            await self.lender.give_back(held)

    def strike(self) -> None:
        """Something may happen."""
        chance = self.rng.random
        if chance() < 0.4:
            self.rng.choice(self.tasks).cancel()
        if chance() < 0.05:
            self.lender.resize(SystemClock().monotonic(), self.rng.randint(1, MAXIMUM))
        if chance() < 0.02 and not self.database.errors:
            self.database.errors.append(OSError("on purpose"))
        if chance() < 0.02:
            self.database.dirty.append(OSError("on purpose"))
        if chance() < 0.1:
            self.lender.tidy(SystemClock().monotonic())

    def check(self) -> None:
        """What must hold at every moment."""
        now = self.lender.numbers(SystemClock().monotonic(), total_queries=0, qps=0.0, avg_query_time=0.0)
        assert len(self.database.sessions) <= MAXIMUM
        assert now.utilization <= 100
        assert min(now.overflow_connections, now.waiters, now.opening_connections, now.closing_connections) >= 0
        assert now.active_connections <= MAXIMUM


@asynccontextmanager
async def storm(seed: int) -> AsyncIterator[Storm]:
    own = Storm(seed)
    own.lender.begin()
    try:
        yield own
    finally:
        await own.lender.end()


@pytest.mark.parametrize("seed", range(8))
async def test_storms_of_cancellations_lose_nothing(seed: int) -> None:
    """Borrowers who come, wait, work, are cancelled at any point and break connections, while the size changes and
    openings fail: never more sessions than the maximum, never more lent than allowed, and all is idle in the end."""
    async with storm(seed) as own:
        for _ in range(600):
            own.tasks.append(asyncio.create_task(own.customer()))
            for _ in range(own.rng.randrange(3)):
                await asyncio.sleep(0)
            own.strike()
            own.check()
        ends = await asyncio.gather(*own.tasks, return_exceptions=True)
        assert [end for end in ends if not isinstance(end, asyncio.CancelledError | OSError | None)] == []
        assert sum(end is None for end in ends) > 50, "most weren't cancelled"
        own.database.errors.clear()
        own.database.dirty.clear()
        await until(lambda: own.lender.active == 0)
        held = [await own.borrow(5.0) for _ in range(own.lender.capacity)]
        assert len({id(one) for one in held}) == own.lender.capacity, "no place was lost"
        for one in held:
            await own.lender.give_back(one)
    assert own.database.peak <= MAXIMUM

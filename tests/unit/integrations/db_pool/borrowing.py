"""A lender on a database that does what it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels import SystemClock
from integrations.db_pool import PoolNumbers, PoolOptions
from integrations.db_pool.lender import Lender
from integrations.db_pool.lending import Held
from tests.unit.integrations.db_pool.fake_database import FakeDatabase


@asynccontextmanager
async def lending(database: FakeDatabase, **options: Any) -> AsyncIterator[Lender]:
    """A lender of 1 to 4 connections that has begun."""
    bounds: dict[str, Any] = {"minimum": 1, "maximum": 4, "overflow": 0, "settle": 0.02, "close_timeout": 0.5}
    lender = Lender(database, PoolOptions(**{**bounds, **options}), SystemClock())
    lender.begin()
    try:
        yield lender
    finally:
        await lender.end()
        assert len(database.sessions) == 0 or database.lag


async def borrow(lender: Lender, timeout: float = 5.0) -> Held:
    return lender.take() or await lender.wait(timeout)


def numbers(lender: Lender) -> PoolNumbers:
    none: dict[str, Any] = dict.fromkeys(("qps", "avg_query_time"), 0.0)
    return lender.numbers(SystemClock().monotonic(), total_queries=0, **none)

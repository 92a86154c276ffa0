"""The act of the database pool: waves of real queries, more than the pool has connections for, and quiet in between."""

from __future__ import annotations

import asyncio
from typing import Final

from channels.push import Push
from hub.demo.alarm import Alarm
from hub.demo.stage import Stage
from integrations.db_pool import DynamicPool, PoolOptions

OPTIONS: Final = PoolOptions(
    name="demo",
    minimum=2,
    maximum=12,
    overflow=3,
    sample_interval=0.5,
    grow_samples=2,
    overflow_samples=2,
    shrink_samples=3,
    grow_cooldown=1.0,
    shrink_cooldown=2.0,
    window=20.0,
    stats_interval=3.0,
    slow_query=0.25,
    acquire_timeout=10.0,
)
"""Quicker than a service would want it, so that a minute shows growth, overflow and shrinking."""

_ROWS: Final = 20_000
_BUSY: Final = 14
"""Borrowers of a wave."""
_WAVE: Final = 7.0
_QUIET: Final = 9.0
"""Seconds of a wave, and between two."""

_SUMS: Final = (
    "SELECT kind, count(*), avg(amount), max(amount) FROM demo_orders WHERE amount % $1 = 0 GROUP BY kind ORDER BY kind"
)
_SLOW: Final = (
    "SELECT count(*) FROM demo_orders a JOIN demo_orders b ON a.amount < b.amount AND a.id % 13 = 0 AND b.id % 7 = 0"
)


async def play(stage: Stage) -> None:
    """Query, until cancelled."""
    tell = stage.telling("database pool")
    async with DynamicPool(stage.dsn, OPTIONS, Push(stage.publish), stage.clock) as pool:
        await _fill(pool)
        alarm = Alarm(stage, pool)
        watching = asyncio.create_task(alarm.run(), name="demo alarm")
        try:
            while True:
                tell(f"{_BUSY} callers want connections of a pool of {pool.numbers().pool_size}")
                await _wave(pool, _WAVE * stage.pace)
                numbers = pool.numbers()
                stage.notebook.note(
                    "pool", f"Under {_BUSY} callers the pool has {numbers.pool_size} connections ({numbers.qps:.0f}/s)"
                )
                tell("quiet: one query now and then")
                await _quiet(pool, _QUIET * stage.pace)
                slowest = pool.numbers()
                stage.notebook.note("waits", f"The longest wait for a connection was {slowest.max_wait_time:.0f} ms")
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _fill(pool: DynamicPool) -> None:
    await pool.execute(
        "CREATE TABLE IF NOT EXISTS demo_orders (id int PRIMARY KEY, kind text NOT NULL, amount int NOT NULL)"
    )
    await pool.execute(
        "INSERT INTO demo_orders SELECT i, (ARRAY['book', 'map', 'pen'])[1 + i % 3], (i * 7919) % 1000"
        " FROM generate_series(1, $1::int) AS i ON CONFLICT DO NOTHING",
        _ROWS,
    )


async def _wave(pool: DynamicPool, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as callers:
            for number in range(_BUSY):
                callers.create_task(_call(pool, number), name=f"demo caller {number}")
    except TimeoutError:
        pass


async def _call(pool: DynamicPool, number: int) -> None:
    while True:
        async with pool.acquire() as connection:
            await connection.fetch(_SUMS, 2 + number)
            # What a program does with its rows while it still holds the connection.
            await asyncio.sleep(0.05)


async def _quiet(pool: DynamicPool, seconds: float) -> None:
    await pool.fetchval(_SLOW)
    try:
        async with asyncio.timeout(seconds):
            while True:
                await pool.fetch(_SUMS, 2)
                await asyncio.sleep(0.5)
    except TimeoutError:
        pass

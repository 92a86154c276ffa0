"""A service with a pool whose size follows its load, and which says so.

DATABASE_URL=postgresql://me@localhost/db TOCSIN_URL=http://127.0.0.1:8080 python examples/db_pool.py 40

Forty requests come at once, each with a query of a tenth of a second. Who follows the channel `db_pool_stats` sees the
pool grow from 2, and shrink when they are done.
"""

from __future__ import annotations

import asyncio
import os
import sys

from channels.push import Push
from integrations.db_pool import DynamicPool, PoolOptions
from tocsin_client import notify_channel

OPTIONS = PoolOptions(
    name="orders", minimum=2, maximum=20, sample_interval=0.1, grow_cooldown=0.2, shrink_samples=5, shrink_cooldown=0.5
)


async def request(pool: DynamicPool, number: int) -> int:
    """What the service does."""
    async with pool.acquire() as connection:
        await connection.execute("SELECT pg_sleep(0.1)")
        answer: int = await connection.fetchval("SELECT $1::int * 2", number)
        return answer


async def main() -> None:
    """Be busy, and then quiet until the pool is small again."""
    count = int(sys.argv[1])
    async with DynamicPool(os.environ["DATABASE_URL"], OPTIONS, Push(notify_channel)) as pool:
        answers = await asyncio.gather(*(request(pool, number) for number in range(count)))
        numbers = pool.numbers()
        print("answered", len(answers), "with", numbers.pool_size, "connections", flush=True)
        while pool.numbers().pool_size > OPTIONS.minimum:  # noqa: ASYNC110 - it shrinks by itself
            await asyncio.sleep(0.1)
        print("resized", pool.numbers().resizes, "times")


if __name__ == "__main__":
    asyncio.run(main())

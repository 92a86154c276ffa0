"""An `asyncpg.Pool` that somebody already has, on a real server."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from integrations.db_pool import PoolOptions, observe_pool
from tests.live import until
from tests.postgres_server import database, postgres
from tests.unit.integrations.db_pool.board import Board

__all__ = ["database", "postgres"]

FAST: dict[str, Any] = {"sample_interval": 0.005, "stats_interval": 0.02}


async def test_it_is_used_in_the_pools_place(database: str) -> None:
    """Queries, waits and sizes are those of the pool."""
    board = Board()
    async with asyncpg.create_pool(database, min_size=1, max_size=3) as pool:
        observed = observe_pool(pool, board.push, PoolOptions(**FAST, slow_query=0.05))
        await observed.start()
        await observed.execute("CREATE TABLE t (a int)")
        await observed.executemany("INSERT INTO t VALUES ($1)", [(1,), (2,)])
        assert await observed.fetchval("SELECT sum(a) FROM t") == 3
        assert dict(await observed.fetchrow("SELECT a FROM t ORDER BY a") or {}) == {"a": 1}
        assert [row["a"] for row in await observed.fetch("SELECT a FROM t ORDER BY a")] == [1, 2]
        async with observed.acquire() as connection:
            await connection.execute("SELECT pg_sleep(0.06)")
            numbers = observed.numbers()
            assert (numbers.active_connections, numbers.pool_size) == (1, 3)
        await until(lambda: len(board.of("stats_update")) >= 2)
        numbers = observed.numbers()
        assert (numbers.total_queries, numbers.slow_queries, numbers.failed_queries) == (6, 1, 0)
        assert numbers.active_connections == 0
        await observed.close()
        assert await pool.fetchval("SELECT 1") == 1, "the pool is still its owner's"
    assert [data["query"] for data in board.of("slow_query")] == ["SELECT pg_sleep(0.06)"]
    assert board.of("pool_resized") == []


async def test_waits_timeouts_and_leaks_are_seen(database: str) -> None:
    """As is the borrower's stack."""
    board = Board()
    async with asyncpg.create_pool(database, min_size=1, max_size=1) as pool:
        observed = observe_pool(pool, board.push, PoolOptions(sample_interval=0.005, leak_after=0.02))
        await observed.start()
        async with observed.acquire():
            with pytest.raises(TimeoutError):
                async with observed.acquire(timeout=0.05):
                    pass
        await observed.close()
        numbers = observed.numbers()
    assert (numbers.timeouts, numbers.leaks, numbers.waiters) == (1, 1, 0)
    assert numbers.max_wait_time >= 50
    [leak] = board.of("pool_leak_suspected")
    assert leak["stack"][0].endswith("in test_waits_timeouts_and_leaks_are_seen")


async def test_a_connection_that_breaks_is_counted(database: str) -> None:
    """The error is the borrower's, as from the pool itself."""
    async with asyncpg.create_pool(database, min_size=1, max_size=2) as pool:
        observed = observe_pool(pool)
        with pytest.raises(asyncpg.PostgresError):
            async with observed.acquire() as connection:
                await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        await asyncio.sleep(0)
        assert observed.numbers().lost_connections == 1, "asyncpg tells of no query that died with its connection"
        assert await observed.fetchval("SELECT 1") == 1

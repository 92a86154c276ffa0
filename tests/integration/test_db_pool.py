"""The dynamic pool on a real PostgreSQL: what it says of itself is compared with what the server says."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from typing import Any

import asyncpg
import pytest

from integrations.db_pool import DynamicPool, PoolOptions, PoolTimeout
from tests.integration.database_road import road_to
from tests.integration.database_watcher import watching
from tests.live import until
from tests.postgres_server import PostgresServer, database, database_name, postgres
from tests.unit.integrations.db_pool.board import Board

__all__ = ["database", "postgres"]

FAST: dict[str, Any] = {
    "minimum": 2,
    "maximum": 8,
    "overflow": 2,
    "settle": 0.05,
    "sample_interval": 0.01,
    "grow_cooldown": 0.02,
    "shrink_cooldown": 0.05,
    "shrink_samples": 3,
    "stats_interval": 0,
    "close_timeout": 2.0,
}


def _hang_up(connection: Any) -> None:
    with suppress(asyncpg.InterfaceError):  # it came back already
        connection.terminate()


async def work(pool: DynamicPool, seconds: float, times: int = 1) -> None:
    for _ in range(times):
        async with pool.acquire() as connection:
            await connection.fetchval("SELECT pg_sleep($1)", seconds)


async def test_sessions_never_exceed_the_maximum(postgres: PostgresServer, database: str) -> None:
    """At no instant, while the pool grows and shrinks, borrowers are cancelled in the middle of queries, sessions are
    killed, and connections are cut by their borrowers; and every place is there in the end."""
    rng = random.Random(5)

    async def borrower(pool: DynamicPool) -> None:
        async with pool.acquire(timeout=0.5) as connection:
            match rng.randrange(10):
                case 0:
                    await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
                case 1 | 2:  # hung up in the middle of a query, which the server notices at its end
                    asyncio.get_running_loop().call_later(0.002, _hang_up, connection)
            await connection.fetchval("SELECT pg_sleep($1)", rng.choice([0, 0.001, 0.02]))

    async with watching(postgres, database) as watcher, DynamicPool(database, PoolOptions(**FAST)) as pool:
        peak = asyncio.create_task(watcher.peak(2.0))
        tasks: list[asyncio.Task[None]] = []
        ends = time.monotonic() + 1.8
        while time.monotonic() < ends:
            tasks += [asyncio.create_task(borrower(pool)) for _ in range(rng.randrange(8))]
            await asyncio.sleep(rng.choice([0, 0.002, 0.005]))
            for _ in range(rng.randrange(3)):
                rng.choice([*tasks, asyncio.create_task(asyncio.sleep(0))]).cancel()
            if rng.random() < 0.05:
                pool.resize(rng.randint(2, 8))
        results = await asyncio.gather(*tasks, return_exceptions=True)
        # asyncpg says AttributeError when a connection is cut between two steps of a query.
        allowed = asyncio.CancelledError | asyncpg.PostgresError | asyncpg.InterfaceError | OSError | AttributeError
        assert [result for result in results if not isinstance(result, allowed | None)] == []
        assert await peak <= 8
        assert pool.numbers().lost_connections > 0, "sessions were killed"
        await until(lambda: pool.numbers().active_connections == 0)
        await asyncio.gather(*[work(pool, 0.02) for _ in range(40)])
        assert len(await watcher.sessions()) <= 8
    async with watching(postgres, database) as watcher:
        assert await watcher.sessions() == [], "closing left nothing"


async def test_the_numbers_are_those_of_the_server(postgres: PostgresServer, database: str) -> None:
    """Every connection that it counts is a session there, and each field of `pool_resized` can be checked."""
    board = Board()
    # Samples are an hour apart: what happens here is done by hand.
    options = PoolOptions(**{**FAST, "minimum": 4, "overflow": 3, "maximum": 9, "sample_interval": 3600.0})
    async with watching(postgres, database) as watcher, DynamicPool(database, options, board.push) as pool:
        await until(lambda: pool.numbers().idle_connections == 4)
        lent = [pool.acquire() for _ in range(6)]
        connections = [await loan.__aenter__() for loan in lent]
        numbers = pool.numbers()
        assert (numbers.active_connections, numbers.idle_connections, numbers.overflow_connections) == (6, 0, 2)
        assert numbers.utilization == 100.0
        assert await watcher.sessions() == sorted(connection.get_server_pid() for connection in connections)
        for connection in connections:
            await connection.fetchval("SELECT pg_sleep(0.05)")
        await asyncio.sleep(0)
        pool.resize(8)
        [data] = board.of("pool_resized")
        assert (data["old_size"], data["new_size"], data["pool_size"], data["reason"]) == (4, 8, 8, "manual")
        assert (data["active_connections"], data["idle_connections"], data["overflow_connections"]) == (6, 0, 0)
        assert data["utilization"] == 75.0
        assert data["total_queries"] == 6
        assert 50 <= data["avg_query_time"] < 500
        assert data["max_wait_time"] > 0, "connections were opened for those who waited"
        assert data["qps"] > 1
        for loan in lent:
            await loan.__aexit__(None, None, None)
        assert len(await watcher.sessions()) == pool.numbers().idle_connections == 6


async def test_load_grows_it_and_silence_shrinks_it(postgres: PostgresServer, database: str) -> None:
    """To the maximum and back to the minimum; each change is one message that follows from the one before."""
    board = Board()
    async with (
        watching(postgres, database) as watcher,
        DynamicPool(database, PoolOptions(**FAST), board.push) as pool,
    ):
        load = [asyncio.create_task(work(pool, 0.01, 1000)) for _ in range(16)]
        await until(lambda: pool.numbers().pool_size == 8)
        for task in load:
            task.cancel()
        await asyncio.gather(*load, return_exceptions=True)
        await until(lambda: pool.numbers().pool_size == 2)
        async with asyncio.timeout(5):
            while len(await watcher.sessions()) > 2:  # noqa: ASYNC110 - the server ends them silently
                await asyncio.sleep(0.01)
        assert pool.numbers().resizes == len(board.of("pool_resized"))
    changes = board.of("pool_resized")
    assert changes[0]["old_size"] == changes[-1]["new_size"] == 2
    assert [change["old_size"] for change in changes[1:]] == [change["new_size"] for change in changes[:-1]]
    assert {change["reason"] for change in changes} >= {"overflow", "low_utilization"}
    assert all(0 <= change["utilization"] <= 100 for change in changes)
    assert all(change["overflow_connections"] >= 0 for change in changes)


async def test_shrinking_never_cuts_a_query(database: str) -> None:
    """Every query that was running when the size fell ends as it would have."""
    still = dict.fromkeys(("grow_samples", "overflow_samples", "shrink_samples"), 10_000)
    async with DynamicPool(database, PoolOptions(**{**FAST, **still, "initial": 8})) as pool:
        running = [asyncio.create_task(work(pool, 0.2)) for _ in range(8)]
        await until(lambda: pool.numbers().active_connections == 8)
        pool.resize(2)
        assert await asyncio.gather(*running) == [None] * 8
        await until(lambda: pool.numbers().idle_connections <= 2)
        assert pool.numbers().lost_connections == 0


async def test_rates_and_waits_are_measured(database: str) -> None:
    """Against a stopwatch of the test's own."""
    options = PoolOptions(**{**FAST, "minimum": 1, "maximum": 1, "window": 5.0})
    async with DynamicPool(database, options) as pool:
        await pool.fetchval("SELECT 1")
        begun = time.monotonic()
        waits: list[float] = []

        async def customer() -> None:
            asked = time.monotonic()
            async with pool.acquire() as connection:
                waits.append(time.monotonic() - asked)
                await connection.fetchval("SELECT pg_sleep(0.02)")

        await asyncio.gather(*[customer() for _ in range(20)])
        await asyncio.sleep(0)
        numbers, elapsed = pool.numbers(), time.monotonic() - begun
        assert numbers.total_queries == 21
        # A rate is over a twelfth of a second at least, and forgets by slices of that length.
        assert numbers.qps == pytest.approx(21 / elapsed, rel=0.4)
        assert numbers.max_wait_time == pytest.approx(1000 * max(waits), rel=0.1, abs=5)
        waits.sort()
        assert numbers.wait_p50 == pytest.approx(1000 * waits[9], rel=0.3, abs=5)
        assert 19 <= numbers.avg_query_time < 20 + numbers.max_wait_time, "twenty of 20 ms, and a short one"


async def test_timeouts_and_failed_queries_are_counted(database: str) -> None:
    """And the errors are the borrowers'."""
    async with DynamicPool(database, PoolOptions(**{**FAST, "minimum": 1, "maximum": 1})) as pool:
        with pytest.raises(asyncpg.UndefinedTableError):
            await pool.execute("SELECT * FROM nowhere")
        async with pool.acquire():
            with pytest.raises(PoolTimeout):
                await pool.acquire(timeout=0.02).__aenter__()
        await asyncio.sleep(0)
        assert (pool.numbers().failed_queries, pool.numbers().timeouts) == (1, 1)
        await pool.executemany("SELECT $1::int", [(1,), (2,)])
        assert dict(await pool.fetchrow("SELECT 1 AS one, 2 AS two") or {}) == {"one": 1, "two": 2}
        assert len(await pool.fetch("SELECT generate_series(1, 3)")) == 3


async def test_a_database_that_dies_gives_errors_and_comes_back(database: str) -> None:
    """Queries fail, new borrowers are told at once, and the numbers move; when the database is back, so is the pool,
    without help."""
    async with road_to(database) as road, DynamicPool(road.dsn, PoolOptions(**FAST)) as pool:
        assert await pool.fetchval("SELECT 1") == 1
        await until(lambda: pool.numbers().idle_connections == 2)
        hanging = asyncio.create_task(work(pool, 30))
        await until(lambda: pool.numbers().active_connections == 1)
        await asyncio.sleep(0.02)
        await road.cut()
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await hanging
        await until(lambda: pool.numbers().idle_connections == 0)
        begun = time.monotonic()
        with pytest.raises(OSError, match="Connect call failed"):
            await pool.fetchval("SELECT 1")
        assert time.monotonic() - begun < 1
        numbers = pool.numbers()
        assert numbers.lost_connections >= 2
        assert numbers.connect_errors >= 1
        await road.open()
        assert await pool.fetchval("SELECT 2") == 2
        await until(lambda: pool.numbers().idle_connections == 2)


async def test_a_server_that_lets_nobody_in_is_an_error(postgres: PostgresServer, database: str) -> None:
    """The server's own, each time; and then the pool goes on."""
    name = database_name(database)
    async with (
        watching(postgres, database) as watcher,
        DynamicPool(database, PoolOptions(**{**FAST, "settle": 0.01})) as pool,
    ):
        await until(lambda: pool.numbers().idle_connections == 2)
        await watcher.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await watcher.terminate()
        await until(lambda: pool.numbers().idle_connections == 0)
        # The test's user is a superuser, whom ALLOW_CONNECTIONS keeps out too.
        for _ in range(3):
            with pytest.raises(asyncpg.PostgresError, match="not currently accepting connections"):
                await pool.fetchval("SELECT 1")
        await watcher.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        assert await pool.fetchval("SELECT 3") == 3


async def test_what_a_borrower_left_is_gone(database: str) -> None:
    """Settings, temporary locks and open transactions don't reach the next one; nor does a cancelled query's rest."""
    async with DynamicPool(database, PoolOptions(**{**FAST, "minimum": 1, "maximum": 1})) as pool:
        async with pool.acquire() as connection:
            pid = connection.get_server_pid()
            await connection.execute("SET work_mem = '123kB'")
        for moment in (0.0, 0.001, 0.01, 0.03):
            task = asyncio.create_task(work(pool, 0.02))
            await asyncio.sleep(moment)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        async with pool.acquire() as connection:
            assert await connection.fetchval("SHOW work_mem") != "123kB"
            assert not connection.is_in_transaction()
            assert connection.get_server_pid() == pid, "cancellations cost no connection"

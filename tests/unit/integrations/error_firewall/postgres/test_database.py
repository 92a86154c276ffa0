"""Transactions on tables that are there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from integrations.error_firewall.ports import StoreUnavailable
from integrations.error_firewall.postgres.database import Database, unavailable
from tests.unit.integrations.error_firewall.postgres.database_kit import execute

COUNT = "SELECT number FROM {schema}.counter"


@asynccontextmanager
async def opened(dsn: str, **options: Any) -> AsyncIterator[Database]:
    async with asyncpg.create_pool(dsn, min_size=0, max_size=2) as pool:
        yield Database(pool, **options)


async def test_the_first_transaction_makes_the_tables(database: str) -> None:
    """And those after it find them."""
    async with opened(database, schema="guard") as guard:
        for number in (1, 2):
            async with guard.transaction() as connection:
                assert await guard.next_change(connection) == number
    assert await execute(database, "SELECT number FROM guard.counter") == 2


async def test_what_fails_leaves_no_trace(database: str) -> None:
    """The exception of the block comes out as it is, and the number of the change is free again."""
    async with opened(database) as guard:
        with pytest.raises(KeyError):
            await _fail_in(guard)
        async with guard.transaction() as connection:
            assert await guard.next_change(connection) == 1


async def test_a_snapshot_stands_still(database: str) -> None:
    """What is committed meanwhile isn't seen, and nothing can be changed in it."""
    async with opened(database) as guard:
        async with guard.transaction(snapshot=True) as reading:
            assert await reading.fetchval(guard.sql(COUNT)) == 0
            async with guard.transaction() as writing:
                await guard.next_change(writing)
            assert await reading.fetchval(guard.sql(COUNT)) == 0
        with pytest.raises(StoreUnavailable, match="ReadOnlySQLTransactionError"):
            async with guard.transaction(snapshot=True) as reading:
                await guard.next_change(reading)


async def test_tables_that_are_dropped_are_made_again(database: str) -> None:
    """One call fails, the next one works."""
    async with opened(database) as guard:
        async with guard.transaction() as connection:
            await guard.next_change(connection)
        await execute(database, "DROP SCHEMA error_firewall CASCADE")
        with pytest.raises(StoreUnavailable):
            async with guard.transaction() as connection:
                await connection.fetchval(guard.sql(COUNT))
        async with guard.transaction() as connection:
            assert await connection.fetchval(guard.sql(COUNT)) == 0


async def test_a_slow_database_is_not_waited_for(database: str) -> None:
    """Nor is a pool that has nothing to lend."""
    async with opened(database, patience=0.2) as guard:
        with pytest.raises(StoreUnavailable, match="didn't answer in time"):
            async with guard.transaction(patience=0.3) as connection:
                await connection.execute("SELECT pg_sleep(30)")
        async with guard.transaction(patience=20), guard.transaction(patience=20):
            with pytest.raises(StoreUnavailable, match="didn't answer in time"):
                async with guard.transaction():
                    pass


async def test_a_database_that_is_away_is_told_as_such() -> None:
    """In words without anything secret."""

    class Away:
        def acquire(self) -> Any:
            raise RuntimeError("postgresql://user:secret@host is full")

    with pytest.raises(StoreUnavailable, match="RuntimeError") as caught:
        async with Database(Away()).transaction():
            pass
    assert "secret" not in str(caught.value)


async def test_no_value_is_quoted(database: str) -> None:
    """PostgreSQL says which value it doesn't like; a refusal of rights or names it may explain."""
    async with opened(database) as guard:
        with pytest.raises(StoreUnavailable) as caught:
            async with guard.transaction() as connection:
                await connection.execute("SELECT 'hunter2'::integer")
        assert "hunter2" not in str(caught.value)
        assert "InvalidTextRepresentationError (22P02)" in str(caught.value)
        with pytest.raises(StoreUnavailable, match='column "nonsense" does not exist'):
            async with guard.transaction() as connection:
                await connection.execute("SELECT nonsense")
    assert "can't be reached: ConnectionRefusedError" in str(unavailable(ConnectionRefusedError("to secret")))


async def test_cancelling_gives_the_connection_back(database: str) -> None:
    """Whoever stops waiting holds nothing up."""
    async with opened(database) as guard:
        task = asyncio.create_task(_sleep_in(guard))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with guard.transaction(), guard.transaction() as connection:
            assert await connection.fetchval("SELECT 1") == 1


async def _fail_in(guard: Database) -> None:
    async with guard.transaction() as connection:
        await guard.next_change(connection)
        raise KeyError


async def _sleep_in(guard: Database) -> None:
    async with guard.transaction() as connection:
        await connection.execute("SELECT pg_sleep(30)")

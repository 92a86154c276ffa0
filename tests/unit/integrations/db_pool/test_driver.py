"""Opening, cleaning and closing with asyncpg, on a real server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from asyncpg.connection import LoggedQuery

from integrations.db_pool import PoolOptions
from integrations.db_pool.driver import AsyncpgDriver
from tests.postgres_server import PostgresServer, database, database_name, postgres

__all__ = ["database", "postgres"]


@asynccontextmanager
async def watched(postgres: PostgresServer, dsn: str) -> AsyncIterator[Any]:
    """A function that counts the server's sessions in a database, seen from another one."""
    watcher = await asyncpg.connect(postgres.dsn())

    async def count() -> int:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'"
        return int(await watcher.fetchval(query, database_name(dsn)))

    try:
        yield count
    finally:
        await watcher.close()


def driver(dsn: str, logged: list[LoggedQuery] | None = None, **options: Any) -> AsyncpgDriver:
    return AsyncpgDriver(dsn, PoolOptions(), (logged if logged is not None else []).append, **options)


async def test_a_closed_connection_has_left_the_server(postgres: PostgresServer, database: str) -> None:
    """At once when closing returns, a hundred times: that is what the maximum rests on."""
    own = driver(database)
    async with watched(postgres, database) as count:
        for _ in range(100):
            connection = await own.open()
            assert await count() == 1
            await own.close(connection)
            assert await count() == 0


async def test_cleaning_ends_what_was_begun(database: str) -> None:
    """Transactions, locks, settings and cursors; and the connection stays."""
    own = driver(database)
    connection = await own.open()
    pid = connection.get_server_pid()
    try:
        await connection.execute("SET statement_timeout = 12345")
        await connection.execute("SELECT pg_advisory_lock(7)")
        await connection.execute("BEGIN; CREATE TABLE half_done (a int)")
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # asyncpg tells the loop of the transaction
        await own.clean(connection)
        assert connection.get_server_pid() == pid
        assert not connection.is_in_transaction()
        assert await connection.fetchval("SHOW statement_timeout") == "0"
        assert await connection.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
        assert await connection.fetchval("SELECT to_regclass('half_done')") is None
    finally:
        await own.close(connection)


async def test_a_begin_that_was_cancelled_leaves_no_transaction(database: str) -> None:
    """The server may run it before it hears of the cancellation: what is in a transaction is only known afterwards."""
    own = driver(database)
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    connection = await own.open()
    try:
        for _ in range(50):
            task = asyncio.create_task(connection.execute("BEGIN"))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await own.clean(connection)
            assert not connection.is_in_transaction()
            await connection.execute("SELECT 1")
            assert not connection.is_in_transaction()
    finally:
        await own.close(connection)


async def test_new_connections_are_prepared(database: str) -> None:
    """By the caller's function, and with what else `asyncpg.connect` takes; queries are told from then on."""
    logged: list[LoggedQuery] = []
    prepared: list[object] = []

    async def init(connection: Any) -> None:
        prepared.append(await connection.fetchval("SHOW application_name"))

    own = driver(database, logged, init=init, connect={"server_settings": {"application_name": "orders"}})
    connection = await own.open()
    await connection.execute("SELECT 1")
    await asyncio.sleep(0)
    await own.close(connection)
    assert prepared == ["orders"]
    assert [record.query for record in logged] == ["SELECT 1"]


async def test_a_preparation_that_fails_leaves_no_connection(postgres: PostgresServer, database: str) -> None:
    """The failure is the caller's; the server's session ends."""

    async def init(_connection: Any) -> None:
        raise LookupError("on purpose")

    async with watched(postgres, database) as count:
        with pytest.raises(LookupError, match="on purpose"):
            await driver(database, init=init).open()
        async with asyncio.timeout(5):
            while await count():  # noqa: ASYNC110 - the server ends it, and says nothing
                await asyncio.sleep(0.002)


async def test_opening_takes_no_longer_than_it_may() -> None:
    """A server that accepts and says nothing is away."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dsn = f"postgresql://a@127.0.0.1:{silent.getsockname()[1]}/b"
        with pytest.raises(TimeoutError):
            await AsyncpgDriver(dsn, PoolOptions(connect_timeout=0.05), print).open()

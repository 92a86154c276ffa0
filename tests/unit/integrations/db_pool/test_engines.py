"""SQLAlchemy's pool, watched by its events, on a real server."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from integrations.db_pool import PoolOptions
from integrations.db_pool.engines import observe_engine
from tests.live import until
from tests.postgres_server import database, postgres, sqlalchemy_url
from tests.unit.integrations.db_pool.board import Board

__all__ = ["database", "postgres"]


async def test_overflow_is_never_negative_and_utilization_never_above_100(database: str) -> None:
    """A fresh QueuePool says -5, and 7 of 5 would be 140 %."""
    engine = create_async_engine(sqlalchemy_url(database), pool_size=5, max_overflow=5)
    try:
        observer = observe_engine(engine)
        numbers = observer.numbers()
        assert engine.sync_engine.pool.overflow() == -5  # type: ignore[attr-defined]
        assert (numbers.overflow_connections, numbers.utilization, numbers.pool_size) == (0, 0.0, 5)
        lent = [await engine.connect() for _ in range(7)]
        numbers = observer.numbers()
        assert (numbers.active_connections, numbers.overflow_connections, numbers.utilization) == (7, 2, 100.0)
        for connection in lent:
            await connection.close()
        numbers = observer.numbers()
        assert (numbers.active_connections, numbers.idle_connections, numbers.overflow_connections) == (0, 5, 0)
    finally:
        await engine.dispose()


async def test_queries_are_counted_and_slow_ones_told(database: str) -> None:
    """With those that failed; parameters never."""
    board = Board()
    engine = create_async_engine(sqlalchemy_url(database))
    try:
        observer = observe_engine(engine, board.push, PoolOptions(slow_query=0.05))
        async with engine.connect() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
            await connection.execute(text("SELECT pg_sleep(:secret)"), {"secret": 0.0625})
        with pytest.raises(exc.ProgrammingError):
            async with engine.connect() as connection:
                await connection.execute(text("SELECT * FROM nowhere"))
        numbers = observer.numbers()
        assert (numbers.failed_queries, numbers.slow_queries) == (1, 1)
        assert numbers.total_queries >= 3
        [slow] = board.of("slow_query")
        assert "pg_sleep" in slow["query"]
        assert "0.0625" not in str(slow["query"])
        assert slow["duration"] >= 60
    finally:
        await engine.dispose()


async def test_a_statement_is_one_query_however_it_is_executed(database: str) -> None:
    """With many rows of parameters, with none, and with the driver's own SQL; and it isn't executed twice. SQLAlchemy
    isn't made to tell events of each statement, which would cost more than all that is counted."""
    engine = create_async_engine(sqlalchemy_url(database))
    try:
        observer = observe_engine(engine)
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TEMPORARY TABLE numbers (number integer)"))
            before = observer.numbers().total_queries
            await connection.execute(text("INSERT INTO numbers VALUES (:n)"), [{"n": 1}, {"n": 2}])
            await connection.exec_driver_sql("INSERT INTO numbers VALUES (3)")
            plain = await connection.execution_options(no_parameters=True)
            await plain.exec_driver_sql("INSERT INTO numbers VALUES (4)")
            assert observer.numbers().total_queries == before + 3
            assert (await connection.execute(text("SELECT count(*) FROM numbers"))).scalar_one() == 4
        assert not engine.sync_engine._has_events
    finally:
        await engine.dispose()


async def test_leaks_are_told_with_the_coroutine_that_borrowed(database: str) -> None:
    """And not with SQLAlchemy's own frames, nor those of the greenlet it works in."""
    board = Board()
    engine = create_async_engine(sqlalchemy_url(database))
    try:
        observer = observe_engine(engine, board.push, PoolOptions(sample_interval=0.005, leak_after=0.02))
        await observer.start()

        async def forgetful() -> None:
            async with engine.connect():
                await until(lambda: bool(board.of("pool_leak_suspected")))

        await forgetful()
        await observer.close()
        [leak] = board.of("pool_leak_suspected")
        assert leak["stack"][0].endswith(" in forgetful")
        assert not any("sqlalchemy" in frame for frame in leak["stack"])
    finally:
        await engine.dispose()


async def test_waits_are_measured_also_after_the_pool_was_replaced(database: str) -> None:
    """`dispose` gives an engine a new pool."""
    engine = create_async_engine(sqlalchemy_url(database), pool_size=1, max_overflow=0, pool_timeout=0.05)
    try:
        observer = observe_engine(engine)
        for turn in (1, 2):
            async with engine.connect():
                with pytest.raises(exc.TimeoutError):
                    await engine.connect()
            numbers = observer.numbers()
            assert (numbers.timeouts, numbers.waiters) == (turn, 0)
            assert numbers.max_wait_time >= 50
            await engine.dispose()
    finally:
        await engine.dispose()


async def test_connections_that_break_and_cannot_be_had_are_counted(database: str) -> None:
    """The errors are the borrower's."""
    engine = create_async_engine(sqlalchemy_url(database))
    away = create_async_engine("postgresql+asyncpg://a@127.0.0.1:1/b")
    try:
        observer, absent = observe_engine(engine), observe_engine(away)
        with pytest.raises(exc.DBAPIError):
            async with engine.connect() as connection:
                await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        assert observer.numbers().lost_connections >= 1
        with pytest.raises(OSError, match=r".*"):
            await away.connect()
        assert absent.numbers().connect_errors == 1
    finally:
        await engine.dispose()
        await away.dispose()


def test_an_engine_whose_pool_has_no_size_is_refused() -> None:
    """With what was expected and what came."""
    engine: Any = create_async_engine("postgresql+asyncpg://a@127.0.0.1:1/b", poolclass=NullPool)
    with pytest.raises(TypeError, match="expected an engine with a QueuePool, came one with NullPool"):
        observe_engine(engine)


def test_the_package_needs_no_sqlalchemy() -> None:
    """Only this module does."""
    code = "import sys, integrations.db_pool; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0

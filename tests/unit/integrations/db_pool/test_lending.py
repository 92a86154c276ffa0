"""A connection while somebody has it: what asyncpg's own pool does for its borrowers, this one does as well."""

from __future__ import annotations

import sys
import threading
import timeit

import asyncpg
import pytest

from integrations.db_pool import DynamicPool, PoolOptions
from integrations.db_pool.lending import Borrowing
from tests.postgres_server import database, postgres

__all__ = ["database", "postgres"]


def here(frames: int = 8) -> Borrowing:
    borrowing = Borrowing()
    borrowing.begin(5.0, frames)
    return borrowing


async def borrower() -> Borrowing:
    return here()


async def test_the_stack_is_the_borrowers() -> None:
    """Innermost first, up to the event loop; short paths; and the task."""
    borrowing = await borrower()
    stack = borrowing.stack()
    line = here.__code__.co_firstlineno + 2
    assert stack[0] == f"db_pool/test_lending.py:{line} in here"
    assert [entry.rpartition(" ")[2] for entry in stack[:3]] == ["here", "borrower", "test_the_stack_is_the_borrowers"]
    assert not any("asyncio/" in entry for entry in stack)
    assert borrowing.task.startswith("Task-")
    assert len(here(2).stack()) == 2


async def test_no_frames_are_kept_when_none_are_wanted() -> None:
    """Nor is the task."""
    assert here(0).stack() == []
    assert here(0).task == ""


def test_a_thread_without_a_loop_has_no_task() -> None:
    """Which is no error."""
    found: list[Borrowing] = []
    thread = threading.Thread(target=lambda: found.append(here()))
    thread.start()
    thread.join()
    assert found[0].task == ""
    assert found[0].stack() != []


async def test_keeping_the_stack_is_cheap() -> None:
    """It is kept as code and instruction, for every loan; words are made for a suspicion only. Far below the 20 µs
    that the whole adapter may cost, on a machine that is busy with other things too."""
    borrowing = Borrowing()
    top = sys._getframe()
    best = min(timeit.repeat(lambda: borrowing.begin(5.0, 8, top), number=1_000, repeat=7)) / 1_000
    assert best < 10e-6


async def test_what_was_given_back_cannot_be_used(database: str) -> None:
    """Nor can a prepared statement of its, though the connection lives on; it is asyncpg's own proxy."""
    async with DynamicPool(database, PoolOptions(minimum=1)) as pool:
        async with pool.acquire() as connection:
            lent: object = connection
            assert isinstance(lent, asyncpg.Connection)
            assert type(lent).__name__ == "PoolConnectionProxy"
            statement = await connection.prepare("SELECT 1")
            assert await statement.fetchval() == 1
        with pytest.raises(asyncpg.InterfaceError, match="released back to the pool"):
            await connection.fetchval("SELECT 1")
        with pytest.raises(asyncpg.InterfaceError, match="released back to the pool"):
            await statement.fetchval()
        assert await pool.fetchval("SELECT 2") == 2


async def test_a_changed_schema_is_noticed_by_all_connections(database: str) -> None:
    """One that learns of it makes the others forget what they knew, as in asyncpg's own pool."""
    async with DynamicPool(database, PoolOptions(minimum=2)) as pool:
        await pool.execute("CREATE TABLE things (a int)")
        await pool.execute("INSERT INTO things VALUES (1)")
        async with pool.acquire() as first, pool.acquire() as second:
            for connection in (first, second):
                assert dict(await connection.fetchrow("SELECT * FROM things") or {}) == {"a": 1}
            await first.execute("ALTER TABLE things ADD COLUMN b int DEFAULT 2")
            assert dict(await first.fetchrow("SELECT * FROM things") or {}) == {"a": 1, "b": 2}
            async with second.transaction():  # where it couldn't be tried again
                assert dict(await second.fetchrow("SELECT * FROM things") or {}) == {"a": 1, "b": 2}


async def test_listeners_that_were_left_behind_are_told_of(database: str) -> None:
    """With asyncpg's warning; the connection comes back all the same, also where warnings are errors."""
    async with DynamicPool(database, PoolOptions(minimum=1)) as pool:
        with pytest.raises(asyncpg.InterfaceWarning, match="active notification listener"):
            async with pool.acquire() as connection:
                await connection.add_listener("news", lambda *_: None)
        numbers = pool.numbers()
        assert (numbers.active_connections, numbers.idle_connections) == (0, 1)

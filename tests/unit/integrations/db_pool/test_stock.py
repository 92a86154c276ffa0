"""All server connections of a pool: the maximum is kept, whatever happens to them."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import asyncpg
import pytest

from integrations.db_pool import PoolOptions
from integrations.db_pool.lending import Held
from integrations.db_pool.stock import Stock
from tests.kit import eventually, rest
from tests.live import until
from tests.unit.integrations.db_pool.fake_database import FakeConnection, FakeDatabase


def stocked(database: FakeDatabase, **options: Any) -> Stock:
    """A stock of at most 3."""
    failures: list[Exception] = []
    stock = Stock(
        database, PoolOptions(**{"minimum": 1, "maximum": 3, "settle": 0.05, **options}), lambda: None, failures.append
    )
    cast(Any, stock).failures = failures
    return stock


def session(held: Held | None) -> FakeConnection:
    assert held is not None
    return cast(FakeConnection, held.connection)


async def filled(database: FakeDatabase, number: int = 3) -> Stock:
    stock = stocked(database)
    for _ in range(number):
        stock.grow()
    await eventually(lambda: len(stock.idle) == number)
    return stock


async def test_there_is_never_more_than_the_maximum() -> None:
    """What is being opened and closed counts."""
    database = FakeDatabase()
    stock = await filled(database, 2)
    database.doors.clear()
    stock.grow()
    assert (stock.opening, stock.open, stock.room) == (1, 3, 0)
    with pytest.raises(RuntimeError, match="expected room for a connection, but there are 3"):
        stock.grow()
    stock.retire(1)
    assert (stock.closing, stock.room) == (1, 0)
    await eventually(lambda: stock.room == 1)
    await stock.end()
    assert database.peak == 3


async def test_the_connection_used_last_is_used_first() -> None:
    """So that the others stay idle, and can be retired."""
    stock = await filled(FakeDatabase())
    order = [session(held).number for held in stock.idle]
    assert [session(stock.take()).number for _ in range(3)] == order[::-1]
    assert stock.take() is None
    await stock.end()


async def test_the_ones_unused_longest_are_retired() -> None:
    """In peace: the server has ended them when their places are free."""
    database = FakeDatabase()
    stock = await filled(database)
    held = stock.take()
    assert held is not None
    stock.put(held)
    stock.retire(2)
    await eventually(lambda: stock.closing == 0)
    assert [session(left) for left in stock.idle] == [session(held)] == list(database.sessions)
    assert stock.lost == 0
    await stock.end()


async def test_a_dead_connection_is_not_lent() -> None:
    """It is counted as lost, and its place counts until the server has surely noticed."""
    stock = await filled(FakeDatabase(), 2)
    session(stock.idle[-1]).die()
    alive = stock.idle[0]
    assert stock.take() is alive
    assert (stock.lost, stock.closing) == (1, 1)
    await asyncio.sleep(0.06)
    assert stock.closing == 0
    session(alive).die()
    stock.put(alive)
    stock.prune()
    assert (stock.idle, stock.lost) == ([], 2)
    await stock.end()


async def test_what_was_cut_counts_until_the_server_has_noticed() -> None:
    """A server process may live on for a moment after its client has hung up."""
    database = FakeDatabase(lag=0.03)
    stock = await filled(database)
    held = stock.take()
    assert held is not None
    stock.cut(held)
    stock.cut(held)
    assert (stock.room, stock.lost, len(database.sessions)) == (0, 1, 3)
    stock.put(held)
    assert held not in stock.idle, "what was cut doesn't come back"
    await until(lambda: stock.room > 0)
    assert len(database.sessions) == 2
    await stock.end()


@pytest.mark.parametrize(
    ("error", "settles"),
    [
        (ConnectionRefusedError(), False),
        (FileNotFoundError(), False),
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (asyncpg.TooManyConnectionsError(), True),
    ],
)
async def test_an_attempt_that_failed_counts_while_it_may_live(error: Exception, settles: bool) -> None:
    """Unless no server ever heard of it. Each is counted, and told."""
    database = FakeDatabase()
    stock = stocked(database)
    database.errors.append(error)
    stock.grow()
    await eventually(lambda: stock.opening == 0)
    assert cast(Any, stock).failures == [error]
    assert (stock.connect_errors, stock.failures_in_a_row, stock.closing) == (1, 1, int(settles))
    await until(lambda: stock.closing == 0)
    stock.grow()
    await eventually(lambda: stock.idle != [])
    assert (stock.connect_errors, stock.failures_in_a_row) == (1, 0)
    await stock.end()


async def test_closing_that_fails_costs_a_moment() -> None:
    """The place is free later, and nothing is raised."""

    class Stubborn(FakeDatabase):
        async def close(self, connection: object) -> None:
            cast(FakeConnection, connection).terminate()
            raise TimeoutError

    database = Stubborn(lag=0.02)
    stock = await filled(database, 1)
    stock.retire(1)
    await rest()
    assert stock.closing == 1
    await until(lambda: stock.closing == 0)
    assert database.sessions == set()
    await stock.end()


async def test_the_end_leaves_nothing() -> None:
    """Idle ones are closed, attempts given up, and what is lent is cut."""
    database = FakeDatabase()
    stock = await filled(database, 2)
    stock.take()
    database.doors.clear()
    stock.grow()
    await rest()
    await stock.end()
    await asyncio.sleep(0.001)
    assert database.sessions == set()
    assert (stock.open, stock.closing) == (0, 0)
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []

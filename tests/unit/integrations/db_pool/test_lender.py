"""Who gets a connection, and when. The database is a double; `tests/integration/test_db_pool.py` has a real one."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from channels import SystemClock
from integrations.db_pool import PoolClosed, PoolFull, PoolOptions, PoolTimeout
from integrations.db_pool.lender import Lender
from tests.kit import eventually, rest
from tests.unit.integrations.db_pool.borrowing import borrow, lending, numbers
from tests.unit.integrations.db_pool.fake_database import FakeConnection, FakeDatabase


async def test_first_come_first_served() -> None:
    """A connection that is free again goes to whoever waits longest; nobody overtakes."""
    async with lending(FakeDatabase()) as lender:
        held = await borrow(lender)
        order: list[int] = []

        async def customer(number: int) -> None:
            mine = await borrow(lender)
            order.append(number)
            await lender.give_back(mine)

        tasks = [asyncio.create_task(customer(number)) for number in range(20)]
        await rest()
        assert lender.take() is None
        await lender.give_back(held)
        await asyncio.gather(*tasks)
        assert order == list(range(20))


async def test_nobody_overtakes_one_who_waits() -> None:
    """Even when a connection is free in the moment he was given it."""
    async with lending(FakeDatabase()) as lender:
        held = await borrow(lender)
        waiting = asyncio.create_task(borrow(lender))
        await rest()
        await lender.give_back(held)
        assert lender.take() is None, "it is spoken for"
        await lender.give_back(await waiting)


async def test_connections_are_opened_when_they_are_wanted() -> None:
    """The size is a limit and not a count."""
    database = FakeDatabase()
    async with lending(database, minimum=1, initial=3) as lender:
        await lender.give_back(await borrow(lender))
        await lender.give_back(await borrow(lender))
        assert len(database.opened) == 1
        both = [await borrow(lender), await borrow(lender)]
        assert len(database.opened) == 2
        for held in both:
            await lender.give_back(held)


async def test_overflow_serves_at_once_and_is_closed_later() -> None:
    """Beyond the size, never beyond the maximum; its number is how many there are, and never below 0."""
    database = FakeDatabase()
    async with lending(database, minimum=2, maximum=4, overflow=5) as lender:
        assert numbers(lender).overflow_connections == 0
        lent = [await borrow(lender) for _ in range(4)]
        now = numbers(lender)
        assert (now.pool_size, now.active_connections, now.overflow_connections, now.utilization) == (2, 4, 2, 100.0)
        waiting = asyncio.create_task(borrow(lender))
        await rest()
        assert (len(database.sessions), numbers(lender).waiters) == (4, 1)
        await lender.give_back(lent[0])
        for held in [*lent[1:], await waiting]:
            await lender.give_back(held)
        lender.tidy(0.0)
        await eventually(lambda: len(database.sessions) == 2)
        assert numbers(lender).overflow_connections == 0


async def test_shrinking_cuts_nobody() -> None:
    """Idle connections go at once; those in use go when they come back."""
    database = FakeDatabase()
    async with lending(database, initial=4) as lender:
        lent = [await borrow(lender) for _ in range(4)]
        await lender.give_back(lent.pop())
        lender.resize(0.0, 1)
        await eventually(lambda: len(database.sessions) == 3)
        assert not any(held.connection.is_closed() for held in lent)
        assert numbers(lender).utilization == 100.0
        late = asyncio.create_task(borrow(lender))
        await lender.give_back(lent.pop())
        await rest()
        assert not late.done(), "two are in use, and the size is one"
        await lender.give_back(lent.pop())
        await lender.give_back(lent.pop())
        await lender.give_back(await late)
        lender.tidy(0.0)
        await eventually(lambda: len(database.sessions) == 1)


async def test_growing_serves_those_who_wait() -> None:
    """At once, as many as fit."""
    database = FakeDatabase()
    async with lending(database) as lender:
        lent = [await borrow(lender)]
        waiting = [asyncio.create_task(borrow(lender)) for _ in range(3)]
        await rest()
        assert len(database.sessions) == 1
        lender.resize(0.0, 3)
        await eventually(lambda: len(database.sessions) == 3)
        for held in [*lent, *[await task for task in waiting[:2]]]:
            await lender.give_back(held)
        await lender.give_back(await waiting[2])


async def test_who_waits_in_vain_is_told_why() -> None:
    """And is counted, with the time he waited."""
    async with lending(FakeDatabase()) as lender:
        held = await borrow(lender)
        with pytest.raises(PoolTimeout, match=r"no connection became free within 0.02 s: 1 of 1 in use"):
            await borrow(lender, 0.02)
        now = numbers(lender)
        assert (now.timeouts, now.waiters) == (1, 0)
        assert now.max_wait_time >= 20
        await lender.give_back(held)


async def test_the_wait_of_those_who_still_wait_counts() -> None:
    """A pool where everybody waits for ever doesn't show a wait of 0."""
    async with lending(FakeDatabase()) as lender:
        held = await borrow(lender)
        waiting = asyncio.create_task(borrow(lender))
        await asyncio.sleep(0.03)
        assert numbers(lender).max_wait_time >= 30
        await lender.give_back(held)
        await lender.give_back(await waiting)


async def test_the_queue_is_bounded() -> None:
    """One more is refused at once, and counted."""
    async with lending(FakeDatabase(), waiters=2) as lender:
        held = await borrow(lender)
        waiting = [asyncio.create_task(borrow(lender)) for _ in range(2)]
        await rest()
        with pytest.raises(PoolFull, match="2 wait for a connection already"):
            await borrow(lender)
        assert numbers(lender).refused == 1
        await lender.give_back(held)
        for task in waiting:
            await lender.give_back(await task)


async def test_a_waiter_who_is_cancelled_loses_nothing_for_others() -> None:
    """Also when he is cancelled in the moment he was given a connection."""
    async with lending(FakeDatabase()) as lender:
        held = await borrow(lender)
        first, second = (asyncio.create_task(borrow(lender)) for _ in range(2))
        await rest()
        await lender.give_back(held)  # now it is the first one's, who hasn't run yet
        first.cancel()
        got = await second
        assert first.cancelled()
        assert got is held
        await lender.give_back(got)
        assert numbers(lender).idle_connections == 1


async def test_cleaning_that_is_cancelled_is_finished_later() -> None:
    """The connection comes back, clean."""
    database = FakeDatabase()
    async with lending(database) as lender:
        held = await borrow(lender)
        database.water.clear()
        returning = asyncio.create_task(lender.give_back(held))
        await rest()
        returning.cancel()
        await asyncio.gather(returning, return_exceptions=True)
        assert numbers(lender).active_connections == 1, "not free before it is clean"
        database.water.set()
        await eventually(lambda: numbers(lender).idle_connections == 1)
        assert cast(FakeConnection, held.connection).cleaned == 1


async def test_the_end_waits_for_those_who_have_a_connection() -> None:
    """For a while; who waits for one is told, and who comes later too."""
    database = FakeDatabase()
    async with lending(database) as lender:
        held = await borrow(lender)
        waiting = asyncio.create_task(borrow(lender))
        await rest()
        ending = asyncio.create_task(lender.end())
        await rest()
        with pytest.raises(PoolClosed, match="closed while you waited"):
            await waiting
        assert not ending.done()
        await lender.give_back(held)
        await ending
        with pytest.raises(PoolClosed, match="the pool is closed"):
            lender.take()
        with pytest.raises(PoolClosed, match="make a new one"):
            lender.begin()


async def test_the_end_does_not_wait_for_ever() -> None:
    """What isn't brought back is cut; bringing it back later is nothing."""
    database = FakeDatabase()
    async with lending(database, close_timeout=0.02) as lender:
        held = await borrow(lender)
        async with asyncio.timeout(1):
            await lender.end()
        assert held.connection.is_closed()
        await lender.give_back(held)


async def test_before_the_beginning_nothing_is_lent() -> None:
    """Whoever forgot to start it is told."""
    with pytest.raises(PoolClosed, match=r"await start\(\) first"):
        Lender(FakeDatabase(), PoolOptions(), SystemClock()).take()

"""What becomes of borrowers when connections break and the database goes away."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from channels import SystemClock
from integrations.db_pool import PoolTimeout
from tests.kit import eventually, rest
from tests.unit.integrations.db_pool.borrowing import borrow, lending, numbers
from tests.unit.integrations.db_pool.fake_database import FakeConnection, FakeDatabase


async def test_a_connection_that_cannot_be_cleaned_is_replaced() -> None:
    """Who gives it back doesn't hear of it; who waits gets a new one."""
    database = FakeDatabase()
    async with lending(database) as lender:
        held = await borrow(lender)
        waiting = asyncio.create_task(borrow(lender))
        await rest()
        database.dirty.append(OSError("reset"))
        await lender.give_back(held)
        new = await waiting
        assert new is not held
        assert numbers(lender).lost_connections == 1
        cast(FakeConnection, new.connection).die()
        await lender.give_back(new)
        assert numbers(lender).lost_connections == 2
        await lender.give_back(await borrow(lender))


async def test_a_database_that_is_away_is_an_error() -> None:
    """Each borrower gets one, the driver's own; when it is back, the next one is served."""
    database = FakeDatabase()
    async with lending(database) as lender:
        database.errors += [ConnectionRefusedError("away") for _ in range(4)]
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError, match="away"):
                await borrow(lender)
        assert numbers(lender).connect_errors == 3
        database.errors.clear()
        await lender.give_back(await borrow(lender))


async def test_a_refusal_is_nobodys_error_while_others_have_connections() -> None:
    """A server that is full lets nobody more in; who waits gets one that comes back."""
    database = FakeDatabase()
    async with lending(database, initial=3) as lender:
        held = await borrow(lender)
        database.errors += [OSError("too many") for _ in range(2)]
        waiting = asyncio.create_task(borrow(lender))
        await rest()
        assert (numbers(lender).connect_errors, waiting.done()) == (1, False)
        await lender.give_back(held)
        assert await waiting is held
        with pytest.raises(PoolTimeout, match="opening failed: OSError"):
            await borrow(lender, 0.05)
        await lender.give_back(held)


async def test_opening_is_tried_again() -> None:
    """After a pause, without anybody coming back."""
    database = FakeDatabase()
    async with lending(database, initial=2) as lender:
        held = await borrow(lender)
        database.errors.append(OSError("too many"))
        second = await borrow(lender)
        assert numbers(lender).connect_errors == 1
        for mine in (held, second):
            await lender.give_back(mine)


async def test_the_minimum_is_kept_open() -> None:
    """Also after the server has ended connections nobody was using."""
    database = FakeDatabase()
    async with lending(database, minimum=3) as lender:
        lender.tidy(0.0)
        await eventually(lambda: numbers(lender).idle_connections == 3)
        for session in list(database.sessions):
            session.die()
        await asyncio.sleep(0.03)
        lender.tidy(SystemClock().monotonic())
        await asyncio.sleep(0.03)
        lender.tidy(SystemClock().monotonic())
        await eventually(lambda: numbers(lender).idle_connections == 3)

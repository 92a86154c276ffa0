"""A pool whose size follows the load. The database is a double here.

`tests/integration/test_db_pool.py` has a real one.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import structlog

from channels.push import Push
from integrations.db_pool import DynamicPool, PoolClosed, PoolOptions
from tests.kit import ManualClock, eventually, rest
from tests.live import until
from tests.unit.integrations.db_pool.board import Board
from tests.unit.integrations.db_pool.fake_database import FakeDatabase

FAST: dict[str, Any] = {
    "minimum": 1,
    "maximum": 20,
    "settle": 0.01,
    "close_timeout": 0.5,
    "sample_interval": 0.002,
    "stats_interval": 0,
}


def pooled(database: FakeDatabase, board: Board | None = None, **options: Any) -> DynamicPool:
    push = board.push if board is not None else None
    return DynamicPool("unused", PoolOptions(**{**FAST, **options}), push, driver=database, new_id=lambda: "r-1")


async def test_a_pool_of_four_grows_under_load_and_shrinks_after_it() -> None:
    """Each change is one message, with its reason and what the pool is after it."""
    board = Board()
    options: dict[str, Any] = {"grow_samples": 2, "grow_cooldown": 0.0, "shrink_samples": 3, "shrink_cooldown": 0.0}
    async with pooled(FakeDatabase(), board, minimum=4, maximum=6, overflow=0, **options) as pool:
        loans = [pool.acquire() for _ in range(4)]
        for loan in loans:
            await loan.__aenter__()
        await until(lambda: board.of("pool_resized") != [])
        first = board.of("pool_resized")[0]
        assert (first["old_size"], first["new_size"], first["reason"]) == (4, 5, "high_utilization")
        assert (first["pool_size"], first["active_connections"], first["utilization"]) == (5, 4, 80.0)
        assert first["resize_id"] == "r-1"
        for loan in loans:
            await loan.__aexit__(None, None, None)
        await until(lambda: pool.numbers().pool_size == 4)
        steps = [(data["old_size"], data["new_size"], data["reason"]) for data in board.of("pool_resized")]
        assert steps == [(4, 5, "high_utilization"), (5, 4, "low_utilization")]
        await asyncio.sleep(0.03)
        assert pool.numbers().resizes == len(board.of("pool_resized")) == 2, "no message without a change"


async def test_those_who_wait_make_it_grow_by_more() -> None:
    """Without overflow the queue says that more is wanted than the size."""
    board = Board()
    database = FakeDatabase()
    async with pooled(database, board, minimum=10, overflow=0, overflow_samples=2, grow_cooldown=0.0) as pool:
        release = asyncio.Event()

        async def work() -> None:
            async with pool.acquire():
                await release.wait()

        tasks = [asyncio.create_task(work()) for _ in range(20)]
        await until(lambda: pool.numbers().pool_size == 20)
        assert [(data["new_size"], data["reason"]) for data in board.of("pool_resized")[:2]] == [
            (13, "overflow"),
            (16, "overflow"),
        ]
        await until(lambda: pool.numbers().active_connections == 20)
        release.set()
        await asyncio.gather(*tasks)
    assert database.peak == 20


async def test_a_change_by_hand_is_told_as_well() -> None:
    """The same size again is no change; one out of bounds is refused."""
    board = Board()
    async with pooled(FakeDatabase(), board, minimum=2, maximum=8) as pool:
        assert pool.resize(5)
        assert not pool.resize(5)
        with pytest.raises(ValueError, match="size: expected 2 to 8, came 9"):
            pool.resize(9)
        [data] = board.of("pool_resized")
        assert (data["old_size"], data["new_size"], data["reason"], data["samples"]) == (2, 5, "manual", None)


async def test_numbers_come_on_the_timer() -> None:
    """And none when it is off."""
    board, quiet = Board(), Board()
    async with pooled(FakeDatabase(), board, stats_interval=0.01), pooled(FakeDatabase(), quiet):
        await until(lambda: len(board.of("stats_update")) >= 3)
    assert quiet.posts == []
    assert board.of("stats_update")[0]["maximum"] == 20


async def test_a_connection_held_too_long_is_told_once_with_its_borrower() -> None:
    """And counted once, however long it is held on. Held again, it is told again."""
    board = Board()
    async with pooled(FakeDatabase(), board, leak_after=0.01, minimum=2) as pool:
        for turn in (1, 2):

            async def forgetful(turn: int) -> None:
                async with pool.acquire():
                    await until(lambda: len(board.of("pool_leak_suspected")) == turn)
                    await asyncio.sleep(0.02)

            await asyncio.create_task(forgetful(turn), name=f"export {turn}")
        leaks = board.of("pool_leak_suspected")
        assert [leak["task"] for leak in leaks] == ["export 1", "export 2"]
        assert leaks[0]["stack"][0].startswith("db_pool/test_pool.py:")
        assert leaks[0]["stack"][0].endswith(" in forgetful")
        assert leaks[0]["held_seconds"] >= 0.01  # rounded
        assert pool.numbers().leaks == 2


async def test_without_a_bound_nothing_is_a_leak() -> None:
    """0 switches it off."""
    board = Board()
    async with pooled(FakeDatabase(), board, leak_after=0) as pool, pool.acquire():
        await asyncio.sleep(0.02)
        assert pool.numbers().leaks == 0
    assert board.of("pool_leak_suspected") == []


class Broken(Push):
    """Takes nothing: the hub's queue is full."""

    def __init__(self) -> None:
        super().__init__(lambda *_: False)


@pytest.mark.parametrize("push", [None, Broken(), Push(lambda *_: 1 / 0)], ids=["absent", "full", "raising"])
async def test_the_hub_is_not_needed(push: Push | None) -> None:
    """Absent, full or broken: the pool lends and resizes alike, and each call is counted."""
    options = PoolOptions(**{**FAST, "minimum": 2, "stats_interval": 0.005, "leak_after": 0.001})
    async with DynamicPool("unused", options, push, driver=FakeDatabase()) as pool:
        assert pool.resize(3)
        async with pool.acquire():
            await asyncio.sleep(0.01)
        await until(lambda: sum(pool.push.outcomes.values()) >= 3)
        assert pool.push.outcomes["pushed"] == 0
        assert pool.numbers().pool_size == 3


async def test_looking_after_the_pool_survives_what_fails() -> None:
    """It is logged, and the next sample is taken."""
    board = Board()

    class Unsteady(ManualClock):
        failing = 0

        def monotonic(self) -> float:
            if self.failing:
                self.failing -= 1
                raise OSError("on purpose")
            self.advance(0.001)
            return super().monotonic()

    clock = Unsteady()
    options = PoolOptions(**{**FAST, "stats_interval": 0.005})
    with structlog.testing.capture_logs() as logs:
        async with DynamicPool("unused", options, board.push, clock, driver=FakeDatabase()):
            await rest()
            clock.failing = 1
            await until(lambda: len(board.of("stats_update")) >= 2)
    assert [entry["event"] for entry in logs] == ["looking after the pool failed"]


async def test_starting_waits_for_nothing() -> None:
    """The database may be away: connections are tried in the background, and borrowers are told."""
    database = FakeDatabase()
    database.errors += [ConnectionRefusedError("away") for _ in range(50)]
    pool = pooled(database, minimum=2)
    async with asyncio.timeout(1):
        await pool.start()
        await pool.start()
    with pytest.raises(ConnectionRefusedError, match="away"):
        async with pool.acquire():
            pass
    await eventually(lambda: pool.numbers().connect_errors >= 2)
    await pool.close()
    await pool.close()
    with pytest.raises(PoolClosed, match="make a new one"):
        await pool.start()


async def test_a_loan_is_for_one_time_at_once() -> None:
    """The same one can't be entered twice; one after the other it can."""
    async with pooled(FakeDatabase(), minimum=2) as pool:
        loan = pool.acquire()
        async with loan:
            with pytest.raises(RuntimeError, match="expected one `async with`"):
                await loan.__aenter__()
        async with loan:
            assert pool.numbers().active_connections == 1


async def test_a_borrower_that_is_thrown_away_gives_his_connection_back() -> None:
    """A coroutine that is closed in the middle may await nothing; the pool does it for him."""
    async with pooled(FakeDatabase()) as pool:
        turn = asyncio.get_running_loop().create_future()

        async def borrower() -> None:
            async with pool.acquire():
                await turn

        async with pool.acquire():
            pass
        thrown_away = borrower()
        thrown_away.send(None)
        assert pool.numbers().active_connections == 1
        thrown_away.close()
        await eventually(lambda: pool.numbers().idle_connections == 1)
        assert pool.numbers().active_connections == 0

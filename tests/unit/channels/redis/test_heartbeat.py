"""Turns: now and then, at once with a reason, again after a failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from random import Random

from channels.redis.heartbeat import Heartbeat
from channels.redis.queries import unavailable
from tests.kit import eventually, rest
from tests.redis_process import soon


@asynccontextmanager
async def beating(heartbeat: Heartbeat, turn: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    task = asyncio.create_task(heartbeat.run(turn))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_turn_comes_at_once_and_then_now_and_then() -> None:
    """Without anybody asking."""
    heartbeat = Heartbeat(0.01, Random(1))
    turns: list[float] = []

    async def turn() -> None:
        turns.append(asyncio.get_running_loop().time())

    async with beating(heartbeat, turn):
        await eventually(lambda: len(turns) == 1)
        await soon(lambda: len(turns) == 5)
    assert all(later - earlier > 0.008 for earlier, later in pairwise(turns))


async def test_a_reason_makes_the_next_turn_come_at_once() -> None:
    """Also one that comes while a turn is under way; several make one."""
    heartbeat = Heartbeat(1000.0, Random(1))
    going = asyncio.Event()

    async def turn() -> None:
        await going.wait()

    async with beating(heartbeat, turn):
        await rest()
        heartbeat.hurry()
        heartbeat.hurry()
        going.set()
        await soon(lambda: heartbeat.turns == 2)
        await rest()
        assert heartbeat.turns == 2
        heartbeat.hurry()
        await soon(lambda: heartbeat.turns == 3)


async def test_a_failure_is_survived_and_tried_again_soon() -> None:
    """Not at once, whatever the hurry: the server has enough to do."""
    heartbeat = Heartbeat(1000.0, Random(1))

    async def turn() -> None:
        heartbeat.hurry()
        if heartbeat.failures < 3:
            raise unavailable("down")

    async with beating(heartbeat, turn):
        await rest()
        assert heartbeat.failures == 1
        await soon(lambda: heartbeat.turns > 0)
    assert heartbeat.failures == 3

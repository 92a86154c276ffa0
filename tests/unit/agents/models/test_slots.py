"""Places are bounded, and taken in turn."""

from __future__ import annotations

import asyncio

import pytest

from agents.models.port import ModelFailed
from agents.models.slots import Slots


async def _settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_came_first_gets_the_next_place() -> None:
    """Never more than the places at once, and the others in the order of their coming; who gives up loses only that."""
    slots = Slots("p", 2, 10)
    held: list[int] = []
    leave = [asyncio.Event() for _ in range(5)]

    async def have(number: int) -> None:
        async with slots.one():
            held.append(number)
            await leave[number].wait()
            held.remove(number)

    tasks = [asyncio.create_task(have(number)) for number in range(5)]
    await _settled()
    assert held == [0, 1]
    tasks[2].cancel()
    leave[1].set()
    await _settled()
    assert held == [0, 3]
    leave[0].set()
    leave[3].set()
    await _settled()
    assert held == [4]
    leave[4].set()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_queue_that_is_full_takes_nobody() -> None:
    """One more fails at once, and may try later; those in the queue get their places all the same."""
    slots = Slots("p", 1, 1)
    async with slots.one():
        waiting = asyncio.create_task(_hold(slots))
        await _settled()
        with pytest.raises(ModelFailed, match="1 wait for one already") as caught:
            await _hold(slots)
        assert (caught.value.code, caught.value.temporary) == ("rate_limited", True)
    await waiting
    await _hold(slots)


async def test_no_queue_is_no_hindrance_to_a_free_place() -> None:
    """With room for none to wait, as many as there are places still come in."""
    slots = Slots("p", 2, 0)
    async with slots.one(), slots.one():
        with pytest.raises(ModelFailed):
            await _hold(slots)


async def _hold(slots: Slots) -> None:
    async with slots.one():
        pass

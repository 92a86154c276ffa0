"""Reads that many ask for at once."""

from __future__ import annotations

import asyncio

import pytest

from agents.sessions.together import Together


class Slow:
    """Something to read, whose reads wait for the test."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = asyncio.Event()

    async def read(self) -> int:
        self.begun += 1
        mine = self.begun
        await self.go.wait()
        return mine


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_who_asks_while_one_is_under_way_gets_the_next() -> None:
    """It may have been read before something that happened since; all who ask by then share that next one."""
    slow, together = Slow(), Together[int]()
    first = [asyncio.create_task(together.read("k", slow.read)) for _ in range(10)]
    await turns()
    later = [asyncio.create_task(together.read("k", slow.read)) for _ in range(10)]
    other = asyncio.create_task(together.read("other", slow.read))
    await turns()
    assert slow.begun == 2  # of "k" one, of "other" one
    slow.go.set()
    assert await asyncio.gather(*first) == [1] * 10
    assert await asyncio.gather(*later) == [3] * 10
    assert await other == 2
    assert len(together) == 0


async def test_a_failure_is_told_to_all_and_remembered_for_nobody() -> None:
    """Who asks again reads again."""
    together = Together[int]()
    tries = 0

    async def fail_once() -> int:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0)
        if tries == 1:
            raise ValueError("away")
        return tries

    results = await asyncio.gather(*(together.read("k", fail_once) for _ in range(3)), return_exceptions=True)
    assert [str(result) for result in results] == ["away"] * 3
    assert await together.read("k", fail_once) == 2


async def test_who_gives_up_takes_it_from_nobody() -> None:
    """Neither the one who asked first, nor all."""
    slow, together = Slow(), Together[int]()
    first, second = (asyncio.create_task(together.read("k", slow.read)) for _ in range(2))
    await turns()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    slow.go.set()
    assert await second == 1
    assert len(together) == 0

"""From the inbox to the engine: in order, one by one in memory, together where publishing has to wait."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, cast

import pytest

from channels.engine import Engine
from channels.errors import ErrorCode, ReplyError
from channels.model import Draft
from hub.notifications import Delivery, Notification
from tests.kit import rest


class Scripted:
    """An engine whose publishing waits until the test lets it go on, or not at all.

    Attributes:
        begun, done: data of the publications, in order.
        away: from this call on (counted from 0), the broker is away.
    """

    def __init__(self, *, waits: bool) -> None:
        self.begun: list[bytes] = []
        self.done: list[bytes] = []
        self.away: int | None = None
        self.refuse: set[bytes] = set()
        self.go = asyncio.Event()
        if not waits:
            self.go.set()
        self._waits = waits

    async def publish(self, draft: Draft, principal: Any = None) -> None:
        number = len(self.begun)
        self.begun.append(draft.data)
        if self._waits:
            await asyncio.sleep(0)
            await self.go.wait()
        if draft.data in self.refuse:
            raise ReplyError(ErrorCode.INVALID_DATA, "no")
        if self.away is not None and number >= self.away:
            raise ReplyError(ErrorCode.UNAVAILABLE, "away")
        self.done.append(draft.data)


def turn(number: int) -> list[Notification]:
    return [Notification("a", "t", b"%d" % n, 0.0, None) for n in range(number)]


def data(number: int) -> list[bytes]:
    return [notification.data for notification in turn(number)]


async def publish(delivery: Delivery, engine: Scripted, number: int) -> list[Notification]:
    return await delivery.publish(cast(Engine, engine), turn(number))


async def test_where_publishing_does_not_wait_it_goes_one_by_one() -> None:
    """Without a task for each, and in order."""
    outcomes: Counter[str] = Counter()
    engine, tasks = Scripted(waits=False), len(asyncio.all_tasks())
    assert await publish(Delivery(outcomes), engine, 50) == []
    assert engine.done == data(50)
    assert len(asyncio.all_tasks()) == tasks
    assert outcomes == {"published": 50}


async def test_where_it_waits_a_turn_is_under_way_together() -> None:
    """Begun in order; the first time it must be found out, with one that is alone."""
    delivery, engine = Delivery(Counter()), Scripted(waits=True)
    first = asyncio.create_task(publish(delivery, engine, 50))
    await rest()
    assert len(engine.begun) == 1
    engine.go.set()
    assert await first == []
    assert engine.begun == engine.done == data(50)
    engine.go.clear()
    second = asyncio.create_task(publish(delivery, engine, 50))
    await rest()
    assert engine.begun[50:] == data(50), "all of them before any is done"
    engine.go.set()
    assert await second == []
    assert engine.done[50:] == data(50)


@pytest.mark.parametrize("waits", [False, True])
async def test_what_the_broker_does_not_take_comes_back_in_order(waits: bool) -> None:
    """What it took doesn't: that would be published twice."""
    outcomes: Counter[str] = Counter()
    delivery, engine = Delivery(outcomes), Scripted(waits=waits)
    engine.go.set()
    engine.away = 3
    left = await publish(delivery, engine, 10)
    assert engine.done == data(3)
    assert [notification.data for notification in left] == data(10)[3:]
    assert outcomes == {"published": 3}


@pytest.mark.parametrize("waits", [False, True])
async def test_what_the_channel_refuses_is_done_with(waits: bool) -> None:
    """It keeps nothing behind it."""
    outcomes: Counter[str] = Counter()
    delivery, engine = Delivery(outcomes), Scripted(waits=waits)
    engine.go.set()
    engine.refuse = {b"0", b"4"}
    assert await publish(delivery, engine, 6) == []
    assert engine.done == [b"1", b"2", b"3", b"5"]
    assert outcomes == {"published": 4, "refused": 2}


async def test_cancelling_ends_what_is_under_way() -> None:
    """No task of its own is left behind."""
    delivery, engine = Delivery(Counter()), Scripted(waits=True)
    engine.go.set()
    await publish(delivery, engine, 2)
    engine.go.clear()
    running = asyncio.create_task(publish(delivery, engine, 5))
    await rest()
    assert len(engine.begun) == 7
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await rest()
    assert running.cancelled()
    assert asyncio.all_tasks() == {asyncio.current_task()}

"""Reading streams, on a real server."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from channels.model import Position
from channels.policy import ChannelOptions
from channels.redis.broker import BrokerOptions
from channels.redis.history import ALL
from tests.kit import draft
from tests.redis_process import Process, redis_process
from tests.redis_server import redis_server

OPTIONS = ChannelOptions(history_size=100, history_age=3600.0)


@pytest.fixture
async def here() -> AsyncIterator[Process]:
    async with redis_server() as server, redis_process(server.address, "here", BrokerOptions()) as process:
        yield process


async def published(process: Process, count: int) -> Position:
    """Publish a few times; return the last position."""
    answers = [await process.broker.publish(draft("a"), OPTIONS) for _ in range(count)]
    assert answers[-1].position is not None
    return answers[-1].position


async def test_a_channel_begins_with_its_first_reading(here: Process) -> None:
    """And keeps the epoch that it got then."""
    first = await here.broker.reader.read("a", None, 10)
    assert (first.top.offset, first.entries, first.mark) == (0, [], None)
    assert (await here.broker.reader.read("a", None, 10)).top == first.top
    assert (await published(here, 1)).epoch == first.top.epoch
    assert here.broker.reader.readings == 2


async def test_pieces(here: Process) -> None:
    """What came after an offset, or the newest; oldest first; and the mark of one that is asked about."""
    top = await published(here, 5)
    reader = here.broker.reader
    for after, limit, expected in ((2, ALL, [3, 4, 5]), (2, 2, [3, 4]), (5, ALL, []), (None, 2, [4, 5]), (0, 0, [])):
        found = await reader.read("a", after, limit)
        assert ([arrival.offset for arrival in found.entries], found.top) == (expected, top)
    newest = (await reader.read("a", None, 1)).entries[0]
    assert (await reader.read("a", 5, 0, mark_at=5)).mark == newest.mark
    assert (await reader.read("a", 5, 0, mark_at=9)).mark is None


async def test_the_time_is_the_servers(here: Process) -> None:
    """By which it is told what has ended. Here both are on one machine."""
    await here.broker.reader.read("a", None, 0)
    assert abs(here.broker.reader.now() - 1000 * time.time()) < 2000


async def test_an_epoch_is_ended_once(here: Process) -> None:
    """Whoever notices first. What is kept stays, with its offsets."""
    top = await published(here, 3)
    reader = here.broker.reader
    await reader.renew("a", top.epoch)
    renewed = (await reader.read("a", 0, ALL)).top
    assert renewed.epoch != top.epoch
    assert renewed.offset == 3
    await reader.renew("a", top.epoch)
    assert (await reader.read("a", 0, ALL)).top == renewed

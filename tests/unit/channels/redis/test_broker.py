"""What `RedisBroker` does beyond what every broker owes (tests/contract/test_broker.py), on a real server."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.model import START, Position, Published
from channels.policy import ChannelOptions
from channels.redis.broker import BrokerOptions
from channels.redis.sender import Spool
from tests.kit import draft
from tests.redis_process import Process, redis_process, soon
from tests.redis_server import RedisServer, redis_server

OPTIONS = ChannelOptions(history_size=100, history_age=3600.0)
IMPATIENT = BrokerOptions(Spool(wait=0.1), linger=0.2, check_interval=0.3, patience=0.3)


@pytest.fixture
async def server() -> AsyncIterator[RedisServer]:
    async with redis_server() as server:
        yield server


@pytest.fixture
async def here(server: RedisServer) -> AsyncIterator[Process]:
    async with redis_process(server.address) as process:
        yield process


async def publish(process: Process, *types: str, channel: str = "a") -> list[Published]:
    return [await process.broker.publish(draft(channel, type=type_), OPTIONS) for type_ in types]


async def test_publications_while_redis_is_away_come_when_it_is_back(server: RedisServer) -> None:
    """They are answered as queued after a while; each comes once, in order, to every process."""
    async with (
        redis_process(server.address, "here", IMPATIENT) as here,
        redis_process(server.address, "there") as there,
    ):
        await here.broker.follow(("a",))
        await there.broker.follow(("a",))
        await publish(here, "before")
        await server.stop(signal.SIGKILL)
        answers = await asyncio.gather(*(here.broker.publish(draft("a", type=f"t{n}"), OPTIONS) for n in range(50)))
        assert answers == [Published(None, queued=True)] * 50
        assert not here.backbone.available
        await server.start()
        await soon(lambda: len(here.heard) == len(there.heard) == 51)
        assert here.offsets == there.offsets == list(range(1, 52))
        await soon(lambda: here.backbone.available)
        assert (await publish(here, "after"))[0].position == Position((here.positions[0] or START).epoch, 52)


async def test_refusing_while_redis_is_away(server: RedisServer) -> None:
    """As `redis.when_away: refuse` has it."""
    options = BrokerOptions(Spool(refuse=True, wait=0.1))
    async with redis_process(server.address, "here", options) as here:
        await publish(here, "before")
        await server.stop(signal.SIGKILL)
        await publish(here, "its fate is open, so it is queued")
        with pytest.raises(ReplyError, match="when_away") as refusal:
            await publish(here, "later")
        assert refusal.value.code is ErrorCode.UNAVAILABLE
        await server.start()
        await soon(lambda: here.broker.sender.available)
        assert [answer.position.offset for answer in await publish(here, "again") if answer.position] == [3]


async def test_draining_waits_for_what_was_accepted(server: RedisServer) -> None:
    """And tells how much could not be published in the time given."""
    async with redis_process(server.address, "here", IMPATIENT) as here:
        await server.stop(signal.SIGKILL)
        await asyncio.gather(*(here.broker.publish(draft("a"), OPTIONS) for _ in range(3)))
        assert await here.broker.drain(0.05) == 3
        await server.start()
        assert await here.broker.drain(10.0) == 0


async def test_following_needs_redis_only_once(server: RedisServer) -> None:
    """A channel that is followed already may be followed and read while Redis is away; another one may not."""
    async with redis_process(server.address, "here", IMPATIENT) as here:
        await here.broker.follow(("a",))
        (published,) = await publish(here, "t")
        assert (await here.broker.history("a", OPTIONS, START, 10)).recovered
        await server.stop(signal.SIGKILL)
        await soon(lambda: not here.backbone.available)
        await here.broker.follow(("a",))
        history = await here.broker.history("a", OPTIONS, START, 10)
        assert (len(history.publications), history.top, history.recovered) == (1, published.position, True)
        with pytest.raises(ReplyError) as refusal:
            await here.broker.follow(("a", "b"))
        assert refusal.value.code is ErrorCode.UNAVAILABLE
        await server.start()
        await here.broker.follow(("b",))


async def test_a_storm_of_readers_costs_one_reading(server: RedisServer) -> None:
    """Five hundred that come back to one channel are served from memory."""
    async with redis_process(server.address, "here", BrokerOptions()) as here:
        await here.broker.follow(("a",))
        (first, *_) = await publish(here, *(f"t{n}" for n in range(20)))
        before = here.broker.reader.readings
        found = await asyncio.gather(*(here.broker.history("a", OPTIONS, first.position, 1000) for _ in range(500)))
        assert {(len(history.publications), history.recovered) for history in found} == {(19, True)}
        assert here.broker.reader.readings - before == 1


async def test_a_position_from_another_process_may_be_news(server: RedisServer, here: Process) -> None:
    """It is looked up, not taken for another epoch because it hasn't been heard here yet."""
    async with redis_process(server.address, "there") as there:
        await here.broker.follow(("a",))
        for _ in range(50):
            (published,) = await publish(there, "t")
            assert (await here.broker.history("a", OPTIONS, published.position, 10)).recovered


async def test_an_older_version_is_not_published(here: Process) -> None:
    """Nor the same one again; without versions nothing is compared."""
    await here.broker.follow(("a",))
    versions = [2, 1, 2, 3, None, 3]
    answers = [await here.broker.publish(draft("a", version=version), OPTIONS) for version in versions]
    assert [answer.superseded for answer in answers] == [False, True, True, False, False, True]
    assert here.offsets == [1, 2, 3]
    assert answers[1].position == answers[0].position


async def test_versions_work_without_history(here: Process) -> None:
    """There is no position to tell."""
    options = ChannelOptions(history_size=0)
    answers = [await here.broker.publish(draft("a", version=version), options) for version in (5, 4, 6)]
    assert [(answer.position, answer.superseded) for answer in answers] == [(None, False), (None, True), (None, False)]


async def test_a_channel_that_nobody_follows_is_let_go(server: RedisServer, here: Process) -> None:
    """After a while; who comes back within it needs no server."""
    await here.broker.follow(("a",))
    await here.broker.unfollow(("a",))
    await here.broker.follow(("a",))
    await here.broker.unfollow(("a",))
    await soon(lambda: not len(here.broker.feeds))
    await publish(here, "unheard")
    await here.broker.follow(("a",))
    await publish(here, "heard")
    assert here.offsets == [2]


async def test_two_processes_hear_each_other_once_and_in_order(server: RedisServer, here: Process) -> None:
    """With both publishing at once, on a channel with and one without history."""
    async with redis_process(server.address, "there") as there:
        for process in (here, there):
            await process.broker.follow(("a", "b"))
        quiet = ChannelOptions(history_size=0)
        await asyncio.gather(
            *(p.broker.publish(draft("a", n), OPTIONS) for p in (here, there) for n in range(200)),
            *(p.broker.publish(draft("b", n), quiet) for p in (here, there) for n in range(200)),
        )
        await soon(lambda: len(here.heard) == len(there.heard) == 800)
        assert here.offsets == there.offsets == list(range(1, 401))

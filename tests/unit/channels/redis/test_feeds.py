"""All followed channels of a process, on a real server that is cut off, restarted, emptied and set back."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator

import pytest

from channels.errors import ReplyError
from channels.model import START, Gap, Position
from channels.policy import ChannelOptions
from channels.redis.body import Reading
from channels.redis.broker import BrokerOptions
from channels.redis.config import Address
from channels.redis.script import Script
from tests.kit import draft
from tests.redis_process import Process, redis_process, soon
from tests.redis_server import RedisServer, redis_server

OPTIONS = ChannelOptions(history_size=100, history_age=3600.0)


@pytest.fixture
async def server() -> AsyncIterator[RedisServer]:
    async with redis_server() as server:
        yield server


async def publish(process: Process, count: int = 1, channel: str = "a", options: ChannelOptions = OPTIONS) -> Position:
    """Publish a few times; return the last position."""
    position: Position | None = None
    for _ in range(count):
        position = (await process.broker.publish(draft(channel), options)).position
    assert position is not None
    return position


async def command(server: RedisServer, *words: bytes) -> bytes:
    """Say something to the server; return the first line of the answer."""
    reader, writer = await asyncio.open_connection(*server.address)
    packed = b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)
    writer.write(packed)
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_what_was_missed_while_cut_off_is_healed(server: RedisServer) -> None:
    """The reader's connection is killed while others publish: nothing is lost, and it is counted."""
    large = ChannelOptions(history_size=1000, history_age=3600.0)
    async with redis_process(server.address, "here") as here, redis_process(server.address, "there") as there:
        await here.broker.follow(("a",))
        for _ in range(10):
            assert (await command(server, b"CLIENT", b"KILL", b"TYPE", b"pubsub")).startswith(b":")
            await publish(there, 20, options=large)
        await soon(lambda: len(here.heard) == 200)
        assert here.offsets == list(range(1, 201))
        assert here.broker.feeds.healed > 0
        assert here.gaps == []
        await soon(lambda: here.backbone.available)


async def test_a_server_that_keeps_its_data_loses_nothing(server: RedisServer) -> None:
    """Killed and started again, the channel goes on where it was, in the same epoch."""
    async with redis_process(server.address) as here:
        await here.broker.follow(("a",))
        before = await publish(here, 5)
        await server.restart(signal.SIGKILL)
        assert await publish(here) == Position(before.epoch, 6)
        assert here.offsets == [1, 2, 3, 4, 5, 6]
        assert here.gaps == []


async def test_a_server_that_comes_back_empty_is_another_epoch() -> None:
    """Which is said before anything of it is delivered. Old positions are not recovered."""
    async with redis_server(persistent=False) as server, redis_process(server.address) as here:
        await here.broker.follow(("a",))
        before = await publish(here, 5)
        await server.restart(signal.SIGKILL)
        after = await publish(here, 2)
        assert after.offset == 2
        assert after.epoch != before.epoch
        assert here.heard[5] == Gap("a", before, Position(after.epoch, 0))
        assert here.offsets == [1, 2, 3, 4, 5, 1, 2]
        history = await here.broker.history("a", OPTIONS, before, 10)
        assert (len(history.publications), history.recovered) == (2, False)
        assert here.broker.feeds.gaps == 1


async def test_a_server_that_is_set_back_never_gives_one_position_to_two_publications(server: RedisServer) -> None:
    """It lost what it had acknowledged (a copy of its data is restored). Offsets that were used again get a new epoch,
    and who knows the old one learns of the gap."""
    async with redis_process(server.address, "here") as here:
        await here.broker.follow(("a",))
        await publish(here, 5)
        await server.stop()
        shutil.copytree(server.folder, server.folder.with_suffix(".copy"))
        await server.start()
        lost = await publish(here, 5)
        await server.stop()
        shutil.rmtree(server.folder)
        shutil.move(server.folder.with_suffix(".copy"), server.folder)
        await server.start()
        after = await publish(here, 3)
        await soon(lambda: here.backbone.available and here.positions[-1] == after)
        assert after.epoch != lost.epoch
        (gap,) = here.gaps
        assert gap.after is not None
        assert (gap.after, gap.until.epoch) == (lost, after.epoch)
        positions = [position for position in here.positions if position]
        assert len(set(positions)) == len(positions) == 13
        assert not (await here.broker.history("a", OPTIONS, lost, 10)).recovered


async def test_who_gives_up_does_not_take_the_channel_from_who_still_waits() -> None:
    """Two follow one channel while Redis is slow to answer: the first loses patience, the second gets it, and hears."""
    process = Process(Address("127.0.0.1", 1), "here", BrokerOptions(patience=0.2))
    feeds = process.broker.feeds
    first = asyncio.create_task(feeds.follow(("a",)))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(feeds.follow(("a",)))
    with pytest.raises(ReplyError, match="Redis is away"):
        await first
    assert feeds.follows("a")
    feed = feeds._feeds["a"]
    feed.settle(Reading(Position("e1", 0), 0, None, []), False, feed.last)
    await second
    assert feeds.follows("a")
    assert not feeds._awaited


async def test_when_all_have_given_up_the_channel_is_left() -> None:
    """Whoever began it, and whoever is the last."""
    process = Process(Address("127.0.0.1", 1), "here", BrokerOptions(patience=0.1))
    feeds = process.broker.feeds
    waiting = [asyncio.create_task(feeds.follow(("a",))) for _ in range(3)]
    waiting[2].cancel()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results[:2]] == [ReplyError, ReplyError]
    assert not feeds.follows("a")
    assert not feeds._awaited


async def test_what_is_no_longer_kept_is_announced(server: RedisServer) -> None:
    """More was published during the cut than the channel keeps."""
    small = ChannelOptions(history_size=3, history_age=3600.0)
    async with redis_process(server.address, "here") as here, redis_process(server.address, "there") as there:
        await here.broker.follow(("a",))
        first = await publish(there, 1, options=small)
        await soon(lambda: here.offsets == [1])
        silence(here)
        await publish(there, 9, options=small)
        await soon(lambda: bool(here.gaps))
        await soon(lambda: here.offsets == [1, 8, 9, 10])
        assert here.gaps == [Gap("a", first, Position(first.epoch, 7))]


def silence(process: Process) -> None:
    """Have the process hear nothing, without its noticing, as if messages were lost on the way."""

    def take(name: bytes, message: bytes) -> None:
        return None

    process.broker.feeds.take = take  # type: ignore[method-assign]


async def test_who_follows_again_does_not_hear_what_was_published_between(server: RedisServer) -> None:
    """Though it is still listened to, and comes late."""
    async with redis_process(server.address, "here") as here, redis_process(server.address, "there") as there:
        await here.broker.follow(("a",))
        await here.broker.unfollow(("a",))
        feeds = here.broker.feeds
        late: list[tuple[bytes, bytes]] = []

        def take(name: bytes, message: bytes) -> None:
            late.append((name, message))

        hear, feeds.take = feeds.take, take  # type: ignore[method-assign]
        await publish(there, 3)
        await soon(lambda: len(late) == 3)
        await here.broker.follow(("a",))
        feeds.take = hear  # type: ignore[method-assign]
        for name, message in late:
            feeds.take(name, message)
        await publish(here)
        assert here.offsets == [4]


async def test_a_loss_without_a_trace_is_found_by_the_check(server: RedisServer) -> None:
    """Nothing more is published, so no gap shows in what is heard."""
    async with redis_process(server.address, "here") as here, redis_process(server.address, "there") as there:
        await here.broker.follow(("a",))
        silence(here)
        await publish(there, 3)
        await soon(lambda: here.offsets == [1, 2, 3])
        assert here.broker.feeds.healed == 3


async def test_messages_that_no_hub_wrote_are_counted(server: RedisServer) -> None:
    """And harm nobody."""
    async with redis_process(server.address) as here:
        await here.broker.follow(("a",))
        for message in (b"", b"hello", b"e1 1-2 3\n{}", b"e1 1-2 3\n[1]\n"):
            await command(server, b"PUBLISH", b"tocsin:{a}", message)
        await publish(here)
        assert here.offsets == [1]
        assert here.broker.feeds.malformed >= 2


async def test_the_top_of_a_followed_channel_does_not_end(server: RedisServer) -> None:
    """Its life is renewed by the check, however long nothing is published."""
    async with redis_process(server.address) as here:
        await here.broker.follow(("a",))
        assert await command(server, b"PEXPIRE", b"tocsin:{a}:meta", b"5000") == b":1\r\n"
        before = here.broker.reader.readings
        await soon(lambda: here.broker.reader.readings >= before + 2)
        assert int((await command(server, b"PTTL", b"tocsin:{a}:meta"))[1:]) > 60_000


async def test_thousands_of_channels_are_healed_after_a_restart(server: RedisServer) -> None:
    """In few round trips; the process is available again when all are."""
    channels = [f"room:{n}" for n in range(2000)]
    async with redis_process(server.address, "here") as here:
        await here.broker.follow(channels)
        await server.restart(signal.SIGKILL)
        await soon(lambda: here.links[-1:] == [True] and here.backbone.losses > 0)
        for channel in channels[::500]:
            await publish(here, channel=channel)
        assert [item.channel for item in here.heard] == channels[::500]


def test_the_renewing_script_is_there() -> None:
    """A server that was set back is rare, so that a missing file would be found late."""
    assert b"HSET" in Script("renew").source


async def test_reading_from_the_start_is_from_memory(server: RedisServer) -> None:
    """After the first time."""
    async with redis_process(server.address) as here:
        await publish(here, 5)
        await here.broker.follow(("a",))
        assert len((await here.broker.history("a", OPTIONS, START, 100)).publications) == 5
        before = here.broker.reader.readings
        await publish(here, 5)
        assert len((await here.broker.history("a", OPTIONS, START, 100)).publications) == 10
        assert here.broker.reader.readings == before

"""The link to one server: killed, frozen, restarted, cut by the server, and full of changes of mind."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from itertools import count

import pytest

from channels.redis.config import Redis
from channels.redis.connection import Lost
from channels.redis.keys import Keys
from channels.redis.locator import locator_for
from channels.redis.pipeline import Pipeline
from channels.redis.refusal import Refused
from channels.redis.script import CLAIM, Call
from tests.redis_cluster import ask
from tests.redis_process import soon
from tests.redis_reader import redis_reader
from tests.redis_server import KINDS, RedisServer, binary_of, redis_server

KEY = Keys("tocsin").shared("x")

_marks = count(1)


def claim(name: bytes) -> Call:
    """Make a call that answers 1 if it is the first on this name, and 0 otherwise."""
    return Call(CLAIM, (KEY + name,), (next(_marks), 60_000))


@pytest.fixture(params=KINDS)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[RedisServer]:
    async with redis_server(binary_of(request.param)) as server:
        yield server


@pytest.fixture
def redis(server: RedisServer) -> Redis:
    return Redis((server.address,), timeout=0.6)


async def test_a_reader_comes_back_after_a_kill(server: RedisServer, redis: Redis) -> None:
    """It says so once each way, and that all channels are to be read again."""
    async with redis_reader(redis) as reader:
        await reader.listen(b"a", b"b")
        await server.restart(signal.SIGKILL)
        await soon(lambda: sorted(reader.ready[2:]) == [b"a", b"b"])
        assert reader.links == [True, False, True]
        await ask(server, "PUBLISH", "a", "1")
        await soon(lambda: reader.heard == [(b"a", b"1")])


async def test_a_frozen_server_is_noticed(server: RedisServer, redis: Redis) -> None:
    """Its connections stay, and nothing comes: the ping tells."""
    async with redis_reader(redis) as reader:
        await reader.listen(b"a")
        server.freeze()
        await soon(lambda: reader.links == [True, False])
        assert "no answer within 0.6 s" in reader.reasons[0]
        server.thaw()
        await soon(lambda: reader.links[-1] and reader.ready.count(b"a") == 2)


async def test_silence_is_no_loss(redis: Redis) -> None:
    """A server that answers pings is there."""
    async with redis_reader(redis) as reader:
        await reader.listen(b"a")
        await asyncio.sleep(4 * redis.timeout)
        assert reader.links == [True]
        assert reader.ready == [b"a"]


async def test_a_server_that_gives_us_up_is_read_again(server: RedisServer, redis: Redis) -> None:
    """As it does with a reader that is too slow; tests/chaos has a link that really is."""
    async with redis_reader(redis) as reader:
        await reader.listen(b"a")
        assert await ask(server, "CLIENT", "KILL", "TYPE", "pubsub") == 1
        await soon(lambda: reader.ready.count(b"a") >= 2)
        assert reader.links == [True, False, True]


async def test_changes_of_mind(server: RedisServer, redis: Redis) -> None:
    """Only what is wanted in the end is heard, however quickly it changed, and each wish is answered."""
    async with redis_reader(redis) as reader:
        names = [b"%d" % number for number in range(2000)]
        subscriptions = reader.subscriptions
        subscriptions.add(names)
        await soon(lambda: len(reader.ready) == 2000)
        for _ in range(5):
            subscriptions.discard(names)
            await asyncio.sleep(0)
            subscriptions.add(names)
            await asyncio.sleep(0)
        subscriptions.discard(names[1000:])
        await soon(lambda: set(names[:1000]) <= set(reader.ready[2000:]))
        await ask(server, "PUBLISH", "1500", "no")
        await ask(server, "PUBLISH", "500", "yes")
        await soon(lambda: reader.heard == [(b"500", b"yes")])
        assert (await ask(server, "PUBSUB", "NUMSUB", "1500"))[1] == 0
        assert reader.links == [True]


async def test_a_pipeline_after_a_restart(server: RedisServer, redis: Redis) -> None:
    """A connection that ended while nothing was asked is no loss: another is opened, and the scripts are there."""
    pipeline = Pipeline(redis, locator_for(redis))
    assert await pipeline.run([claim(b"1"), claim(b"1")]) == [1, 0]
    await server.restart(signal.SIGKILL)
    assert await pipeline.run([claim(b"1"), claim(b"2")]) == [0, 1]
    await pipeline.close()


async def test_a_pipeline_on_a_frozen_server(server: RedisServer, redis: Redis) -> None:
    """It gives up in time, and its next reply isn't one of those that come late."""
    pipeline = Pipeline(redis, locator_for(redis))
    assert await pipeline.run([claim(b"1")]) == [1]
    server.freeze()
    with pytest.raises(Lost, match=r"no answer within 0\.6 s"):
        await pipeline.run([claim(b"2")] * 3)
    server.thaw()
    assert await pipeline.run([claim(b"3"), claim(b"3")]) == [1, 0]
    await pipeline.close()


async def test_forgotten_scripts_are_loaded_again(server: RedisServer, redis: Redis) -> None:
    """SCRIPT FLUSH by somebody else is no loss."""
    pipeline = Pipeline(redis, locator_for(redis))
    await pipeline.run([claim(b"1")])
    await ask(server, "SCRIPT", "FLUSH")
    assert await pipeline.run([claim(b"1"), claim(b"2")]) == [0, 1]
    await pipeline.close()


@pytest.mark.parametrize(
    ("break_it", "mend_it", "code"),
    [
        (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0"), "OOM"),
        (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE"), "READONLY|MASTERDOWN"),
        (
            ("CONFIG", "SET", "min-replicas-to-write", "1"),
            ("CONFIG", "SET", "min-replicas-to-write", "0"),
            "NOREPLICAS",
        ),
        (("CONFIG", "SET", "requirepass", "p"), None, "NOAUTH|wants a password"),
    ],
)
async def test_a_server_that_cant_serve(
    server: RedisServer, redis: Redis, break_it: tuple[str, ...], mend_it: tuple[str, ...] | None, code: str
) -> None:
    """Is as good as away: what was accepted waits, until it can."""
    pipeline = Pipeline(redis, locator_for(redis))
    await pipeline.run([claim(b"1")])
    await ask(server, *break_it)
    await pipeline.close()  # who is authenticated stays so
    with pytest.raises(Lost, match=code):
        await pipeline.run([claim(b"2")])
    if mend_it is not None:
        await ask(server, *mend_it)
        assert await pipeline.run([claim(b"3")]) == [1]
    await pipeline.close()


async def test_a_call_that_is_wrong_fails_alone(server: RedisServer, redis: Redis) -> None:
    """The others of its batch have their replies."""
    pipeline = Pipeline(redis, locator_for(redis))
    await ask(server, "LPUSH", KEY + b"list", "x")
    first, wrong, last = await pipeline.run([claim(b"1"), claim(b"list"), claim(b"2")])
    assert (first, last) == (1, 1)
    assert isinstance(wrong, Refused)
    assert wrong.code == "WRONGTYPE"
    await pipeline.close()

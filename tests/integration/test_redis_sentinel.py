"""A master that is watched by sentinels, and what becomes of us when another server takes its place."""

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
from channels.redis.script import CLAIM, Call
from tests.redis_cluster import MASTER_NAME, Watched, ask, watched_redis
from tests.redis_process import soon
from tests.redis_reader import redis_reader

_marks = count(1)


def claim(name: bytes) -> Call:
    """Make a call that answers 1 if it is the first on this name, and 0 otherwise."""
    return Call(CLAIM, (Keys("tocsin").shared("x") + name,), (next(_marks), 60_000))


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    async with watched_redis() as watched:
        yield watched


def through(watched: Watched, sentinels: int = 3, timeout: float = 1.0) -> Redis:
    """Make a configuration that names some of the sentinels."""
    addresses = tuple(sentinel.address for sentinel in watched.sentinels[:sentinels])
    return Redis(addresses, mode="sentinel", master=MASTER_NAME, timeout=timeout)


async def persistently(pipeline: Pipeline, call: Call) -> object:
    """Run a call until somebody does it."""
    async with asyncio.timeout(25):
        while True:
            try:
                return (await pipeline.run([call]))[0]
            except Lost:
                await asyncio.sleep(0.1)


async def test_the_replica_takes_over(watched: Watched) -> None:
    """One known sentinel is enough at the start; it may be dead when the master dies."""
    redis = through(watched, sentinels=1)
    locator = locator_for(redis)
    pipeline = Pipeline(redis, locator)
    async with redis_reader(redis, locator) as reader:
        await reader.listen(b"a")
        assert await pipeline.run([claim(b"1")]) == [1]
        await ask(watched.master, "WAIT", 1, 5000)
        await watched.sentinels[0].stop(signal.SIGKILL)
        await watched.master.stop(signal.SIGKILL)
        assert await persistently(pipeline, claim(b"1")) == 0
        assert await locator.locate(0) == watched.replica.address
        await soon(lambda: reader.links[-1] and reader.ready.count(b"a") == 2)
        await ask(watched.replica, "PUBLISH", "a", "1")
        await soon(lambda: reader.heard == [(b"a", b"1")])
    await pipeline.close()


async def test_a_master_that_was_deposed_is_left(watched: Watched) -> None:
    """It still answers, but says that it is read-only."""
    redis = through(watched)
    locator = locator_for(redis)
    pipeline = Pipeline(redis, locator)
    async with redis_reader(redis, locator) as reader:
        await reader.listen(b"a")
        assert await pipeline.run([claim(b"1")]) == [1]
        await ask(watched.sentinels[0], "SENTINEL", "FAILOVER", MASTER_NAME)
        await watched.failed_over()
        await soon(lambda: reader.ready.count(b"a") >= 2)
        assert await persistently(pipeline, claim(b"2")) == 1
        assert await locator.locate(0) == watched.replica.address
        await ask(watched.replica, "PUBLISH", "a", "1")
        await soon(lambda: reader.heard == [(b"a", b"1")])
    await pipeline.close()


async def test_a_frozen_master_is_replaced(watched: Watched) -> None:
    """And when it wakes up, nobody of ours goes back to it."""
    redis = through(watched)
    locator = locator_for(redis)
    pipeline = Pipeline(redis, locator)
    async with redis_reader(redis, locator) as reader:
        await reader.listen(b"a")
        watched.master.freeze()
        assert await persistently(pipeline, claim(b"1")) == 1
        watched.master.thaw()
        assert await persistently(pipeline, claim(b"1")) == 0
        assert await locator.locate(0) == watched.replica.address
        await soon(lambda: reader.links[-1])
        await ask(watched.replica, "PUBLISH", "a", "1")
        await soon(lambda: reader.heard == [(b"a", b"1")])
    await pipeline.close()


async def test_sentinels_with_a_password(watched: Watched) -> None:
    """They have users of their own, which are not the master's."""
    for sentinel in watched.sentinels:
        await ask(sentinel, "ACL", "SETUSER", "hub", "on", ">sentinel-secret", "+@all", "allchannels")
        await ask(sentinel, "ACL", "SETUSER", "default", "-@all", "+ping", "+auth", "+hello")
    plain = through(watched)
    with pytest.raises(Lost, match="NOPERM"):
        await locator_for(plain).locate(0)
    redis = Redis(
        plain.addresses,
        mode="sentinel",
        master=MASTER_NAME,
        sentinel_username="hub",
        sentinel_password="sentinel-secret",
    )
    assert await locator_for(redis).locate(0) == watched.master.address
    other = Redis(plain.addresses, "sentinel", "other", sentinel_username="hub", sentinel_password="sentinel-secret")
    with pytest.raises(Lost, match="knows no master called other"):
        await locator_for(other).locate(0)

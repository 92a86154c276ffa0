"""Whether Redis is there, and who hears what, on a real server."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from random import Random

import pytest

from channels.redis.backbone import Backbone
from channels.redis.config import Redis
from channels.redis.script import FORGET, Call
from tests.redis_process import Process, redis_process, soon
from tests.redis_server import RedisServer, redis_server


class Ear:
    """A hearer that notes everything."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, bytes]] = []
        self.ready_for: list[bytes] = []
        self.losses = 0

    def take(self, name: bytes, message: bytes) -> None:
        self.heard.append((name, message))

    def ready(self, name: bytes) -> None:
        self.ready_for.append(name)

    def lost(self) -> None:
        self.losses += 1


@pytest.fixture
async def server() -> AsyncIterator[RedisServer]:
    async with redis_server() as server:
        yield server


@pytest.fixture
async def here(server: RedisServer) -> AsyncIterator[Process]:
    async with redis_process(server.address) as process:
        await soon(lambda: process.backbone.available)
        yield process


async def say(server: RedisServer, name: bytes, message: bytes) -> None:
    """Publish without a hub."""
    _, writer = await asyncio.open_connection(*server.address)
    writer.write(b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(name), name, len(message), message))
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def test_each_hears_its_own(server: RedisServer, here: Process) -> None:
    """From when it was told to be ready, until it wants no more."""
    left, right = Ear(), Ear()
    here.backbone.hear([b"l1", b"l2"], left)
    here.backbone.hear([b"r"], right)
    await soon(lambda: len(left.ready_for) == 2 and right.ready_for == [b"r"])
    for name in (b"l1", b"r", b"l2"):
        await say(server, name, b"\x00\r\n")
    await soon(lambda: len(left.heard) == 2 and len(right.heard) == 1)
    assert left.heard == [(b"l1", b"\x00\r\n"), (b"l2", b"\x00\r\n")]
    here.backbone.ignore([b"l1"])
    await say(server, b"l1", b"unheard")
    await say(server, b"l2", b"heard")
    await soon(lambda: len(left.heard) == 3)
    assert left.heard[-1] == (b"l2", b"heard")


async def test_a_restart_is_noticed_and_survived(server: RedisServer, here: Process) -> None:
    """Hearers are told of the loss once, and become ready again by themselves; watchers see it go and come."""
    ear = Ear()
    here.backbone.hear([b"a"], ear)
    await soon(lambda: ear.ready_for == [b"a"])
    await server.stop(signal.SIGKILL)
    await soon(lambda: not here.backbone.available)
    assert here.backbone.trouble
    await server.start()
    await soon(lambda: ear.ready_for == [b"a", b"a"] and here.backbone.available)
    assert here.links == [True, False, True]
    assert ear.losses == 1
    assert here.backbone.losses == 1
    await say(server, b"a", b"again")
    await soon(lambda: ear.heard == [(b"a", b"again")])


async def test_trouble_in_any_part_is_trouble(server: RedisServer) -> None:
    """It is over when it is over in each; told once each way."""
    backbone = Backbone(Redis((server.address,)), Random(1))
    told: list[tuple[bool, str]] = []
    backbone.watch(lambda up, reason: told.append((up, reason)))
    assert not backbone.available
    backbone.report("reader", "")
    backbone.report("publishing", "cut")
    backbone.report("reader", "gone")
    assert backbone.trouble == "cut; gone"
    backbone.report("publishing", "")
    backbone.report("reader", "")
    assert told == [(True, ""), (False, "cut"), (True, "")]


async def test_what_is_employed_runs_and_ends_with_it(server: RedisServer) -> None:
    """As one of its tasks."""
    backbone = Backbone(Redis((server.address,)), Random(1))
    running = asyncio.Event()
    ended = asyncio.Event()

    async def work() -> None:
        running.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    backbone.employ("work", work)
    task = asyncio.create_task(backbone.run())
    await running.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert ended.is_set()


async def test_queries_are_answered(here: Process) -> None:
    """By scripts that are loaded when they are first needed."""
    assert await here.backbone.queries.call(Call(FORGET, (b"{x}1", b"{x}2"), ())) == 0

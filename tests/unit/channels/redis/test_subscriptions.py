"""Channels and their servers: found, lost, sought again, and moved."""

from __future__ import annotations

import asyncio

import pytest

from channels.redis import subscriptions as module
from channels.redis.cluster import slot_of
from channels.redis.config import Address, Redis
from channels.redis.connection import Lost
from channels.redis.locator import OneServer
from tests.redis_process import soon
from tests.redis_reader import Reader, redis_reader
from tests.unit.channels.redis.scripted_redis import (
    ScriptedRedis,
    array,
    listening,
    message,
    number,
    scripted_redis,
    text,
)


def to(server: ScriptedRedis, timeout: float = 0.3) -> Redis:
    """Make a configuration."""
    return Redis((server.address,), timeout=timeout)


class Places:
    """A locator whose slots the test gives out; `None` is nobody's."""

    def __init__(self, home: Address, sharded: bool = True) -> None:
        self.sharded = sharded
        self.version = 0
        self.doubts = 0
        self.home: Address | None = home
        self.elsewhere: dict[bytes, Address | None] = {}

    def slot(self, key: bytes) -> int:
        return 1 + slot_of(key)

    def give(self, name: bytes, address: Address | None) -> None:
        """Give a channel to a server."""
        self.elsewhere[name] = address
        self.version += 1

    async def locate(self, slot: int) -> Address:
        slots = {self.slot(name): address for name, address in self.elsewhere.items()}
        address = slots.get(slot, self.home)
        if address is None:
            raise Lost("nobody has it")
        return address

    def doubt(self) -> None:
        self.doubts += 1

    def moved(self, slot: int, address: Address) -> None:
        raise AssertionError

    async def refresh(self) -> None:
        return None


async def test_the_link_is_there_without_channels() -> None:
    """It tells whether Redis is there."""
    async with scripted_redis(listening) as server, redis_reader(to(server)) as reader:
        await soon(lambda: reader.links == [True])
        await reader.listen(b"a")
        server.say(message(b"a", b"1"))
        await soon(lambda: reader.heard == [(b"a", b"1")])
        assert server.links == 1


async def test_losses_are_told_once() -> None:
    """However many attempts fail in between. All channels are listened to again, in one command."""
    async with scripted_redis(listening) as server, redis_reader(to(server)) as reader:
        await reader.listen(b"a", b"b")
        server.answer = lambda _: b"-LOADING no\r\n"
        server.cut()
        await soon(lambda: server.links > 3)
        assert reader.links == [True, False]
        server.answer = listening
        await soon(lambda: reader.links[-1] and len(reader.ready) >= 4)
        assert set(reader.ready[-2:]) == {b"a", b"b"}
        assert server.named(b"SUBSCRIBE")[-1][1:] in ([b"a", b"b"], [b"b", b"a"])


async def test_the_first_attempt_fails() -> None:
    """It is told, with the reason."""
    async with scripted_redis() as server:
        gone = to(server)
    async with redis_reader(gone) as reader:
        await soon(lambda: reader.links == [False])
        assert str(gone.addresses[0]) in reader.reasons[0]


async def test_a_discarded_channel_is_forgotten() -> None:
    """In every state: before it is sought, while it is listened to, while the server is away."""
    async with scripted_redis(listening) as server:
        reader = Reader(to(server))
        reader.subscriptions.add((b"early", b"a"))
        reader.subscriptions.discard((b"early", b"never"))
        task = asyncio.create_task(reader.subscriptions.run())
        await soon(lambda: reader.ready == [b"a"])
        reader.subscriptions.add((b"a",))
        reader.subscriptions.discard((b"a",))
        await soon(lambda: server.named(b"UNSUBSCRIBE") == [[b"UNSUBSCRIBE", b"a"]])
        reader.subscriptions.add((b"b",))
        await soon(lambda: reader.ready == [b"a", b"b"])
        server.answer = lambda _: b"-LOADING no\r\n"
        server.cut()
        await soon(lambda: reader.links == [True, False])
        reader.subscriptions.discard((b"b",))
        server.answer = listening
        await soon(lambda: reader.links == [True, False, True])
        assert reader.ready == [b"a", b"b"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_callback_that_fails_ends_nothing() -> None:
    """The next message comes."""
    async with scripted_redis(listening) as server:
        heard: list[bytes] = []

        class Clumsy(Reader):
            def _hear(self, channel: bytes, message: bytes) -> None:
                heard.append(message)
                raise ValueError("clumsy")

        reader = Clumsy(to(server))
        task = asyncio.create_task(reader.subscriptions.run())
        await reader.listen(b"a")
        server.say(message(b"a", b"1") + message(b"a", b"2"))
        await soon(lambda: heard == [b"1", b"2"])
        assert reader.links == [True]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_every_node_has_a_link() -> None:
    """The whole is connected when all are; after a loss, every channel is announced again."""
    async with scripted_redis(listening) as one, scripted_redis(listening) as two:
        places = Places(one.address)
        places.give(b"b", two.address)
        async with redis_reader(to(one), places) as reader:
            await reader.listen(b"a", b"b")
            assert (one.links, two.links) == (1, 1)
            two.cut()
            await soon(lambda: reader.links == [True, False, True])
            await soon(lambda: sorted(reader.ready[2:]) == [b"a", b"b"])
            assert (one.links, two.links) == (1, 2)


async def test_a_channel_that_nobody_serves() -> None:
    """Is sought again and again; the others are listened to."""
    async with scripted_redis(listening) as server:
        places = Places(server.address)
        places.give(b"b", None)
        async with redis_reader(to(server), places) as reader:
            await soon(lambda: reader.links == [True])
            reader.subscriptions.add((b"a", b"b"))
            await soon(lambda: reader.ready == [b"a"] and reader.links == [True, False])
            assert reader.reasons == ["nobody has it"]
            places.give(b"b", server.address)
            await soon(lambda: b"b" in reader.ready and reader.links[-1])


async def test_a_channel_whose_slot_leaves() -> None:
    """Is listened to at its new node, without any loss of the link."""
    async with scripted_redis(listening) as one, scripted_redis(listening) as two:
        places = Places(one.address)
        async with redis_reader(to(one), places) as reader:
            await reader.listen(b"a", b"b")
            places.give(b"a", two.address)
            one.say(array(text(b"sunsubscribe"), text(b"a"), number(0)))
            await soon(lambda: two.named(b"SSUBSCRIBE") == [[b"SSUBSCRIBE", b"a"]])
            await soon(lambda: reader.ready.count(b"a") == 2)
            assert reader.links == [True]
            assert reader.ready.count(b"b") == 1


async def test_what_moved_unnoticed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that lost its place but goes on talking is left, and so is one that has nothing for us any more."""
    monkeypatch.setattr(module, "CHECK_EVERY", 0.05)
    async with scripted_redis(listening) as old, scripted_redis(listening) as new:
        places = Places(old.address, sharded=False)
        async with redis_reader(to(old), places) as reader:
            await reader.listen(b"a")
            places.home = new.address
            places.version += 1
            await soon(lambda: reader.ready == [b"a", b"a"])
            assert new.named(b"SUBSCRIBE") == [[b"SUBSCRIBE", b"a"]]
            await soon(lambda: old.open == 0)
            assert reader.links == [True]


async def test_the_end_leaves_no_task_and_no_link() -> None:
    """Also while it is connecting."""
    before = asyncio.all_tasks()
    async with scripted_redis(listening) as server:
        async with redis_reader(to(server)) as reader:
            await reader.listen(b"a")
        await soon(lambda: server.open == 0)
        server.answer = lambda _: b""
        async with redis_reader(to(server)):
            await soon(lambda: server.open == 1)
        await soon(lambda: server.open == 0)
        assert {task for task in asyncio.all_tasks() if task.get_name().startswith("redis")} - before == set()


def test_one_server_satisfies_the_seam() -> None:
    """`Reader` makes its own locator when none is given."""
    assert Reader(Redis((Address("h", 1),))).links == []
    assert OneServer(Address("h", 1)).slot(b"x") == 0

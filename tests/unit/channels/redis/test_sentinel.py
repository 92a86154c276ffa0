"""Asking sentinels for the master."""

from __future__ import annotations

import asyncio

import pytest

from channels.redis.config import Address, Redis
from channels.redis.connection import Lost
from channels.redis.sentinel import SENTINELS_MAX, SentinelLocator
from tests.unit.channels.redis.scripted_redis import (
    OK,
    Answer,
    ScriptedRedis,
    array,
    error,
    number,
    scripted_redis,
    text,
)


def server(role: bytes = b"master") -> Answer:
    """Answer as a server that is a master, or a replica."""
    return lambda command: array(text(role), number(0), array()) if command[0] == b"ROLE" else OK


def sentinel(master: ScriptedRedis, *others: Address) -> Answer:
    """Answer as a sentinel."""

    def answer(command: list[bytes]) -> bytes:
        if command[:2] == [b"SENTINEL", b"GET-MASTER-ADDR-BY-NAME"]:
            if command[2] != b"main":
                return b"*-1\r\n"
            return array(text(b"127.0.0.1"), text(b"%d" % master.port))
        if command[:2] == [b"SENTINEL", b"SENTINELS"]:
            return array(
                *(array(*map(text, (b"ip", o.host.encode(), b"port", b"%d" % o.port, b"flags"))) for o in others)
            )
        return OK

    return answer


def redis(*sentinels: ScriptedRedis, master: str = "main") -> Redis:
    """Make a configuration."""
    return Redis(tuple(s.address for s in sentinels), "sentinel", master, password="for-servers", timeout=0.5)


async def test_the_master_is_asked_as_well() -> None:
    """And what is found is kept until somebody doubts it."""
    async with scripted_redis(server()) as master, scripted_redis(sentinel(master)) as watcher:
        locator = SentinelLocator(redis(watcher))
        assert [await locator.locate(0), await locator.locate(0)] == [master.address] * 2
        assert (watcher.links, locator.version) == (1, 1)
        locator.doubt()
        assert await locator.locate(0) == master.address
        assert (watcher.links, locator.version) == (2, 1)
        # Each gets its own password, and the sentinel none.
        assert [c[1] for c in master.named(b"AUTH")] == [b"for-servers"] * 2
        assert watcher.named(b"AUTH") == []


async def test_a_sentinel_that_is_behind_is_not_believed() -> None:
    """The server that it names says that it is a replica."""
    async with (
        scripted_redis(server(b"slave")) as old,
        scripted_redis(server()) as new,
        scripted_redis(sentinel(old)) as behind,
        scripted_redis(sentinel(new)) as ahead,
    ):
        assert await SentinelLocator(redis(behind, ahead)).locate(0) == new.address
        with pytest.raises(Lost, match=r"is a slave, though .* takes it for the master"):
            await SentinelLocator(redis(behind)).locate(0)


async def test_others_are_learnt() -> None:
    """The one that was configured may be dead later."""
    async with scripted_redis(server()) as master, scripted_redis(sentinel(master)) as second:
        async with scripted_redis(sentinel(master, second.address)) as first:
            locator = SentinelLocator(redis(first))
            await locator.locate(0)
        locator.doubt()
        assert await locator.locate(0) == master.address
        assert second.links == 1


async def test_memory_is_bounded() -> None:
    """A sentinel that names many."""
    many = [Address("127.0.0.9", port) for port in range(1, 100)]
    async with scripted_redis(server()) as master, scripted_redis(sentinel(master, *many)) as watcher:
        locator = SentinelLocator(redis(watcher))
        await locator.locate(0)
        assert len(locator._sentinels) == SENTINELS_MAX


async def test_a_name_that_nobody_knows() -> None:
    """It is said which, and where it is configured."""
    async with scripted_redis(server()) as master, scripted_redis(sentinel(master)) as watcher:
        with pytest.raises(Lost, match=r"knows no master called other \(redis\.master\)"):
            await SentinelLocator(redis(watcher, master="other")).locate(0)


async def test_refusals_are_told() -> None:
    """Of the sentinel and of the server."""
    async with (
        scripted_redis(lambda c: error("NOPERM no role") if c[0] == b"ROLE" else OK) as master,
        scripted_redis(sentinel(master)) as watcher,
    ):
        with pytest.raises(Lost, match="NOPERM no role"):
            await SentinelLocator(redis(watcher)).locate(0)
        watcher.answer = lambda c: error("NOPERM no sentinel") if c[0] == b"SENTINEL" else OK
        with pytest.raises(Lost, match="NOPERM no sentinel"):
            await SentinelLocator(redis(watcher)).locate(0)


async def test_a_refresh_finds_a_new_master_and_survives_dead_sentinels() -> None:
    """What is known stays known."""
    async with scripted_redis(server()) as old, scripted_redis(server()) as new:
        async with scripted_redis(sentinel(old)) as watcher:
            locator = SentinelLocator(redis(watcher))
            assert await locator.locate(0) == old.address
            watcher.answer = sentinel(new)
            await locator.refresh()
            assert (await locator.locate(0), locator.version) == (new.address, 2)
        await locator.refresh()
        assert (await locator.locate(0), locator.version) == (new.address, 2)


async def test_many_ask_once() -> None:
    """However many wait for the answer."""
    async with scripted_redis(server()) as master, scripted_redis(sentinel(master)) as watcher:
        locator = SentinelLocator(redis(watcher))
        assert await asyncio.gather(*(locator.locate(0) for _ in range(5))) == [master.address] * 5
        assert watcher.links == 1
        assert (locator.slot(b"x"), locator.sharded) == (0, False)
        locator.moved(0, Address("elsewhere", 1))
        assert await locator.locate(0) == master.address

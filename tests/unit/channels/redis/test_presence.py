"""Presence on Redis: what one process does. Several of them are in tests/integration/test_redis_presence.py."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from channels.clock import SystemClock
from channels.errors import ErrorCode, ReplyError
from channels.model import Member, PresenceState
from channels.redis.presence import LIFE, SESSIONS, RedisPresence
from channels.redis.watches import Watches
from tests.redis_ports import LEASE, Ports, command, redis_ports
from tests.redis_process import soon
from tests.redis_server import redis_server


@pytest.fixture
async def process() -> AsyncIterator[Ports]:
    async with redis_server(persistent=False) as server, redis_ports(server.address) as process:
        await soon(lambda: process.backbone.available)
        yield process


def member(session: str, user: str | None = None) -> Member:
    return Member("client", user, session, "2026-11-21T10:15:00.000000Z")


class AskedWatches(Watches):
    """Watches that keep for which channels somebody waited until they are heard."""

    def __init__(self, process: Ports) -> None:
        super().__init__(process.backbone, SystemClock(), self._nobody, process.presence.heartbeat.hurry, 1.0)
        self.asked: list[str] = []

    async def _nobody(self, _channel: str) -> list[Member]:
        return []

    async def heard(self, channel: str) -> None:
        self.asked.append(channel)


async def turned(process: Ports, turns: int = 2) -> None:
    goal = process.presence.heartbeat.turns + turns
    await soon(lambda: process.presence.heartbeat.turns >= goal)


async def test_sessions_are_bounded(process: Ports) -> None:
    """Over all channels of the process; who leaves makes room."""
    presence = RedisPresence(process.backbone, "small", SystemClock(), limit=2)
    await presence.join("a", member("s1"))
    await presence.join("b", member("s1"))
    with pytest.raises(ReplyError) as caught:
        await presence.join("c", member("s1"))
    assert caught.value.code is ErrorCode.UNAVAILABLE
    await presence.leave("a", "s1")
    await presence.join("c", member("s1"))


async def test_a_state_waits_until_what_follows_is_heard(process: Ports) -> None:
    """So that nothing falls between the two."""
    watches = process.presence.watches = AskedWatches(process)
    for members in (False, True):
        await process.presence.state("a", members)
    assert watches.asked == ["a", "a"]


async def test_a_lease_is_renewed_and_its_end_is_bounded(process: Ports) -> None:
    """One per channel, whatever the sessions; what nobody touches goes by itself."""
    for channel in ("a", "b"):
        for n in range(5):
            await process.presence.join(channel, member(f"s{n}", "alice"))
    before = process.presence.renewals
    await turned(process)
    assert process.presence.renewals >= before + 4
    for key in await command(process.address, b"KEYS", b"*:{a}:*"):
        assert LIFE * LEASE * 500 < await command(process.address, b"PTTL", key) <= LIFE * LEASE * 1000


async def test_nobody_is_doubted_without_a_reason(process: Ports) -> None:
    """Joins and leaves in any order cost no repair."""
    await turned(process)
    before = process.presence.repaired
    for n in range(300):
        await process.presence.join("a", member(f"s{n % 7}"))
        if n % 3:
            await process.presence.leave("a", f"s{n % 5}")
    await turned(process)
    assert (process.presence.repaired, process.presence.lost) == (before, 0)


async def test_more_sessions_than_go_into_one_call_come_back(process: Ports) -> None:
    """All that Redis has lost, and nobody who had left."""
    for n in range(2 * SESSIONS + 1):
        await process.presence.join("a", member(f"s{n}", f"u{n % 10}"))
    await command(process.address, b"FLUSHALL")
    await process.presence.leave("a", "s0")
    await turned(process, 4)
    assert await process.presence.state("a", False) == PresenceState(2 * SESSIONS, 10)
    assert process.presence.lost == 1


async def test_users_are_counted_right_while_a_dead_process_is_not_buried(process: Ports) -> None:
    """Its lease has ended, its sessions still stand: they are in no count."""
    address, keys = process.address, process.backbone.keys
    await process.presence.join("a", member("s1", "alice"))
    await command(address, b"ZADD", keys.presence("a", "").leases, b"1000", b"dead")
    await command(address, b"HSET", keys.presence("a", "dead").sessions, b"s2", b'["client","bob","x"]')
    await command(address, b"HINCRBY", keys.presence("a", "").users, b"bob", b"1")
    assert await process.presence.state("a", False) == PresenceState(1, 1)
    await soon_buried(process)
    assert await command(address, b"HGETALL", keys.presence("a", "").users) == {b"alice": b"1"}
    assert not await command(address, b"EXISTS", keys.presence("a", "dead").sessions)


async def soon_buried(process: Ports) -> None:
    """Wait until the dead process is gone: not before this one has been in touch for half a lease."""
    for _ in range(10):
        await turned(process, 1)
        if await command(process.address, b"ZCARD", process.backbone.keys.presence("a", "").leases) == 1:
            return
    raise AssertionError("the dead process is still there")


async def test_a_process_that_stops_takes_its_sessions_out(process: Ports) -> None:
    """All of them, at once, and nothing brings them back."""
    for n in range(SESSIONS + 1):
        await process.presence.join("a", member(f"s{n}"))
    await process.presence.join("b", member("s1"))
    await process.presence.go()
    await turned(process)
    for channel in ("a", "b"):
        assert await process.presence.state(channel, True) == PresenceState(0, 0, ())
    assert await command(process.address, b"KEYS", b"*:{[ab]}:*") == []

"""Presence over several processes on a real Valkey, while processes and the server die, freeze and come back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from random import Random

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.model import Member, PresenceState
from channels.redis.config import Address
from channels.redis.watches import PATIENCE
from tests.fault_proxy import faulty
from tests.proxy import proxied
from tests.redis_ports import LEASE, Ports, command, redis_ports
from tests.redis_process import soon
from tests.redis_server import RedisServer, redis_server

SINCE = "2026-11-21T10:15:00.000000Z"


def member(session: str, user: str | None = None) -> Member:
    return Member("client", user, session, SINCE)


class Stage:
    """A server and its processes. Each has three sessions on channel `a`, named after it, and watches that."""

    def __init__(self, server: RedisServer, processes: list[Ports]) -> None:
        self.server = server
        self.processes = processes

    @property
    def sessions(self) -> set[str]:
        return {f"{process.node}{n}" for process in self.processes for n in range(3)}

    async def fill(self) -> None:
        for process in self.processes:
            process.presence.watch("a", True)
            await process.presence.state("a", False)
        for process in self.processes:
            for n in range(3):
                await process.presence.join("a", member(f"{process.node}{n}", process.node))
        await self.heard_by_all({("join", "a", session) for session in self.sessions})

    async def heard_by_all(self, expected: set[tuple[str, str, str]], *processes: Ports) -> None:
        """Wait until each was told of exactly this; then forget it."""
        for process in processes or self.processes:
            await soon(lambda process=process: len(process.heard) >= len(expected))  # type: ignore[misc]
            assert sorted(process.heard) == sorted(expected), process.node
            process.heard.clear()

    async def present(self, process: Ports) -> set[str]:
        state = await process.presence.state("a", True)
        assert state.members is not None
        return {present.session for present in state.members}

    async def until_present(self, expected: set[str], *processes: Ports) -> None:
        async with asyncio.timeout(15.0):
            for process in processes or self.processes:
                while await self._present(process) != expected:  # noqa: ASYNC110 - a server sets no event
                    await asyncio.sleep(0.01)

    async def _present(self, process: Ports) -> set[str] | None:
        try:
            return await self.present(process)
        except ReplyError:
            return None

    async def turns(self, number: int = 2) -> None:
        """Wait until each process has renewed its leases that often."""
        for process in self.processes:
            goal = process.presence.heartbeat.turns + number
            await soon(lambda process=process, goal=goal: process.presence.heartbeat.turns >= goal)  # type: ignore[misc]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with redis_server() as server, AsyncExitStack() as stack:
        names = ("red", "green", "blue")
        stage = Stage(server, [await stack.enter_async_context(redis_ports(server.address, name)) for name in names])
        await stage.fill()
        yield stage


async def test_joins_and_leaves_are_told_once_everywhere(stage: Stage) -> None:
    """Also to the process in which they happen, and never for what changes nothing."""
    red, green, _ = stage.processes
    for _ in range(2):
        await red.presence.join("a", member("new"))
        await green.presence.leave("a", "green1")
    await red.presence.join("b", member("new"))
    await red.presence.join("a", member("last"))
    await stage.heard_by_all({("join", "a", "new"), ("leave", "a", "green1"), ("join", "a", "last")})


async def test_who_does_not_watch_any_more_is_told_nothing(stage: Stage) -> None:
    """Nor costs anything."""
    red, green, blue = stage.processes
    red.presence.watch("a", False)
    await green.presence.join("a", member("new"))
    await stage.heard_by_all({("join", "a", "new")}, green, blue)
    assert red.heard == []


async def test_a_process_that_dies_is_forgotten_within_its_lease(stage: Stage) -> None:
    """By those who ask; then its leaves are told, once, by whichever process comes first."""
    red, green, blue = stage.processes
    loop = asyncio.get_running_loop()
    await stage.turns()
    died = loop.time()
    await blue.die()
    await stage.until_present({"red0", "red1", "red2", "green0", "green1", "green2"}, red)
    assert loop.time() - died < LEASE + 0.5
    assert await green.presence.state("a", False) == PresenceState(6, 2, None)
    await stage.heard_by_all({("leave", "a", f"blue{n}") for n in range(3)}, red, green)
    assert await red.presence.state("a", False) == PresenceState(6, 2, None)


async def test_who_was_taken_for_dead_is_told_of_again() -> None:
    """A process that was cut off for longer than its lease: others heard it leave, so they hear it join."""
    async with (
        redis_server() as server,
        proxied(server.port) as proxy,
        redis_ports(server.address, "red") as red,
        redis_ports(Address("127.0.0.1", proxy.port), "blue", timeout=0.3) as blue,
    ):
        stage = Stage(server, [red, blue])
        await stage.fill()
        await stage.turns()
        proxy.hold()
        await stage.heard_by_all({("leave", "a", f"blue{n}") for n in range(3)}, red)
        await red.presence.leave("a", "red0")
        await red.presence.join("a", member("new"))
        proxy.cut()
        proxy.pass_on()
        await stage.heard_by_all({("leave", "a", "red0"), ("join", "a", "new")}, blue)
        back = {("join", "a", f"blue{n}") for n in range(3)}
        await stage.heard_by_all({("leave", "a", "red0"), ("join", "a", "new")} | back, red)
        await stage.until_present({"red1", "red2", "new", "blue0", "blue1", "blue2"})
        await stage.turns(3)
        assert (red.heard, blue.heard) == ([], [])


@pytest.mark.parametrize("seconds", [0.0, 2 * LEASE])
async def test_a_server_that_comes_back_empty_gets_all_again(seconds: float) -> None:
    """Short or long away. Nobody is told, because nobody left. (Who began to watch less than `PATIENCE` ago may hear
    again of who was there: a join that comes then may be one that he could not know of.)"""
    async with redis_server(persistent=False) as server, AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(redis_ports(server.address, name)) for name in ("red", "green")]
        stage = Stage(server, processes)
        await stage.fill()
        await asyncio.sleep(PATIENCE)
        await server.stop(signal.SIGKILL)
        await asyncio.sleep(seconds)
        await server.start()
        await stage.until_present(stage.sessions)
        await stage.turns(3)
        assert await stage.present(processes[0]) == stage.sessions
        assert [process.heard for process in processes] == [[], []]
        assert await processes[0].presence.state("a", False) == PresenceState(6, 2, None)


async def test_time_without_a_server_takes_nobody_s_presence(stage: Stage) -> None:
    """A server that was away for longer than the lease, and has kept what it had: nobody is taken for dead."""
    await stage.server.stop(signal.SIGKILL)
    await asyncio.sleep(2 * LEASE)
    await stage.server.start()
    await stage.until_present(stage.sessions)
    await stage.turns(3)
    assert await stage.present(stage.processes[0]) == stage.sessions
    assert [process.heard for process in stage.processes] == [[], [], []]


async def test_who_is_back_first_takes_nobody_for_dead() -> None:
    """Others may need a moment longer, though their leases have ended while there was no server."""
    lease = 2.0
    connected = True
    async with (
        redis_server() as server,
        faulty(lambda: server.port if connected else None, Random(1)) as proxy,
        redis_ports(server.address, "red", lease) as red,
        redis_ports(Address("127.0.0.1", proxy.port), "blue", lease, timeout=0.3) as blue,
    ):
        stage = Stage(server, [red, blue])
        await stage.fill()
        await red.presence.watches.compare()
        await server.stop(signal.SIGKILL)
        connected = False
        await asyncio.sleep(lease)
        await server.start()
        await stage.until_present({"red0", "red1", "red2"}, red)
        turns = red.presence.heartbeat.turns
        red.presence.heartbeat.hurry()
        await soon(lambda: red.presence.heartbeat.turns > turns)
        assert await command(server.address, b"HLEN", red.backbone.keys.presence("a", "blue").sessions) == 3
        connected = True
        await stage.until_present(stage.sessions)
        await stage.turns(3)
        assert await stage.present(red) == stage.sessions
        assert (red.heard, blue.heard) == ([], [])


async def test_what_no_count_shows_is_put_right_after_a_loss_of_the_connection(stage: Stage) -> None:
    """One session too few and one too many, as after a failover."""
    server, keys = stage.server, stage.processes[0].backbone.keys
    await command(server.address, b"HDEL", keys.presence("a", "blue").sessions, b"blue2")
    await command(server.address, b"HSET", keys.presence("a", "blue").sessions, b"stray", b'["client",null,"x"]')
    await server.restart()
    await stage.until_present(stage.sessions)


async def test_a_server_that_stands_still_takes_nobody_s_presence(stage: Stage) -> None:
    """Frozen for longer than the lease, its connections open."""
    stage.server.freeze()
    await asyncio.sleep(2.5 * LEASE)
    stage.server.thaw()
    await stage.until_present(stage.sessions)
    await stage.turns(3)
    assert await stage.present(stage.processes[0]) == stage.sessions
    assert [process.heard for process in stage.processes] == [[], [], []]


async def test_who_left_while_the_server_was_away_is_taken_out_when_it_is_back(stage: Stage) -> None:
    """Without a second call; others are told then."""
    blue = stage.processes[2]
    await stage.server.stop(signal.SIGKILL)
    with pytest.raises(ReplyError) as caught:
        await blue.presence.leave("a", "blue1")
    assert caught.value.code is ErrorCode.UNAVAILABLE
    await stage.server.start()
    await stage.until_present(stage.sessions - {"blue1"})
    await stage.heard_by_all({("leave", "a", "blue1")})


async def test_the_last_one_on_a_channel_may_leave_while_the_server_is_away() -> None:
    """Nobody needs to wait for the end of the lease."""
    async with redis_server() as server, redis_ports(server.address, lease=60.0) as process:
        await soon(lambda: process.backbone.available)
        await process.presence.join("a", member("s1"))
        turns = process.presence.heartbeat.turns
        process.presence.heartbeat.hurry()
        await soon(lambda: process.presence.heartbeat.turns > turns)
        await server.stop(signal.SIGKILL)
        with pytest.raises(ReplyError):
            await process.presence.leave("a", "s1")
        await server.start()
        await Stage(server, [process]).until_present(set())


async def test_who_could_not_join_is_not_there_later(stage: Stage) -> None:
    """The caller was told that it failed, so it isn't made good."""
    red, *_ = stage.processes
    await stage.server.stop(signal.SIGKILL)
    with pytest.raises(ReplyError):
        await red.presence.join("a", member("late"))
    await stage.server.start()
    await stage.until_present(stage.sessions)
    await stage.turns()
    assert await stage.present(red) == stage.sessions


async def test_what_redis_loses_by_itself_comes_back(stage: Stage) -> None:
    """As after a failover to a server that had not heard of the last joins: one session, or one that had left."""
    red, green, _ = stage.processes
    keys = red.backbone.keys
    await command(stage.server.address, b"HDEL", keys.presence("a", "green").sessions, b"green2")
    await command(stage.server.address, b"HSET", keys.presence("a", "blue").sessions, b"stray", b'["client",null,"x"]')
    await stage.until_present(stage.sessions)
    assert green.presence.lost == 1


async def test_nothing_is_left_when_all_have_left(stage: Stage) -> None:
    """No key, and no notice is missing."""
    for process in stage.processes:
        for n in range(3):
            await process.presence.leave("a", f"{process.node}{n}")
    await stage.heard_by_all({("leave", "a", session) for session in stage.sessions})
    assert await stage.processes[0].presence.state("a", True) == PresenceState(0, 0, ())
    assert await command(stage.server.address, b"KEYS", b"*:{a}:*") == []

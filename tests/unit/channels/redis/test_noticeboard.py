"""The noticeboard on Redis. What it shares with others is in tests/contract/test_noticeboard.py."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from channels.clock import SystemClock
from channels.errors import ErrorCode, ReplyError
from channels.redis.noticeboard import RedisNoticeboard
from tests.kit import ManualClock
from tests.redis_ports import Ports, command, redis_ports
from tests.redis_process import soon
from tests.redis_server import redis_server


@pytest.fixture
async def process() -> AsyncIterator[Ports]:
    async with redis_server(persistent=False) as server, redis_ports(server.address) as process:
        await soon(lambda: process.backbone.available)
        yield process


def later(seconds: float = 1000.0) -> float:
    return time.time() + seconds


async def test_notices_are_bounded(process: Ports) -> None:
    """In number and in bytes; none is taken down early, and one that is up may be prolonged."""
    board = RedisNoticeboard(process.backbone, SystemClock(), limit=2, size=10)
    for notice in ("a", "b", "a"):
        await board.post(notice, later())
    with pytest.raises(ReplyError) as caught:
        await board.post("c", later())
    assert caught.value.code is ErrorCode.UNAVAILABLE
    with pytest.raises(ReplyError) as caught:
        await board.post("ä" * 6, later())
    assert caught.value.code is ErrorCode.DATA_TOO_LARGE


async def test_what_has_ended_makes_room(process: Ports) -> None:
    """Some minutes later, for clocks that are behind; and with the last notice all keys end."""
    board = RedisNoticeboard(process.backbone, ManualClock(now=0.0), limit=1)
    await board.post("ended long ago", later(-301.0))
    await board.post("ended just now", later(-10.0))
    with pytest.raises(ReplyError):
        await board.post("new", later())
    keys = await command(process.address, b"KEYS", b"*notices*")
    assert len(keys) == 3
    for key in keys:
        assert 280_000 < await command(process.address, b"PTTL", key) < 300_000


async def test_a_look_reads_only_what_is_new(process: Ports) -> None:
    """Once the board has been read, without a loss of the connection."""
    for n in range(3):
        await process.noticeboard.post(f"n{n}", later())
    await process.noticeboard.look()
    await process.noticeboard.look()
    shared = process.backbone.keys.shared
    # What isn't read again can be changed unnoticed.
    await command(process.address, b"ZADD", shared("notices"), b"99999999999", b"n0")
    await process.noticeboard.look()
    assert len(process.noticed) == 3
    await command(process.address, b"ZADD", shared("notices"), b"99999999999", b"new")
    await command(process.address, b"ZADD", shared("notices:order"), b"10", b"new")
    await process.noticeboard.look()
    assert process.noticed[3:] == [("new", 99999999999.0)]


async def test_a_board_that_lost_some_gets_them_again(process: Ports) -> None:
    """Found by its epoch, or by its number when that is lower than the one that was read."""
    await process.noticeboard.post("a", later())
    await process.noticeboard.post("b", later())
    await process.noticeboard.look()
    shared = process.backbone.keys.shared
    await command(process.address, b"DEL", *(shared(name) for name in ("notices", "notices:order", "notices:board")))
    await process.noticeboard.look()
    await process.noticeboard.look()
    assert process.noticeboard.reposted == 2
    await command(process.address, b"ZREM", shared("notices"), b"b")
    await command(process.address, b"ZREM", shared("notices:order"), b"b")
    await command(process.address, b"HINCRBY", shared("notices:board"), b"n", b"-1")
    await process.noticeboard.look()
    assert process.noticeboard.reposted == 3
    assert sorted(await command(process.address, b"ZRANGE", shared("notices"), b"0", b"-1")) == [b"a", b"b"]
    assert len(process.noticed) == 2

"""Members on Redis. What they share with others is in tests/contract/test_membership.py."""

from __future__ import annotations

import signal

import pytest

from channels.errors import ErrorCode, ReplyError
from channels.redis.membership import RedisMembership
from tests.redis_ports import redis_ports
from tests.redis_server import redis_server


async def test_members_are_bounded() -> None:
    """Per channel; who is there already may be added again."""
    async with redis_server(persistent=False) as server, redis_ports(server.address) as process:
        membership = RedisMembership(process.backbone, limit=2)
        for user in ("alice", "bob", "alice"):
            await membership.add("room:ops", user)
        with pytest.raises(ReplyError) as caught:
            await membership.add("room:ops", "carol")
        assert caught.value.code is ErrorCode.UNAVAILABLE
        await membership.add("room:other", "carol")
        await membership.remove("room:ops", "bob")
        await membership.add("room:ops", "carol")
        assert await membership.members("room:ops") == {"alice", "carol"}


async def test_members_outlive_all_processes_and_the_server() -> None:
    """As long as the server keeps its data."""
    async with redis_server() as server:
        async with redis_ports(server.address, "first") as process:
            await process.membership.add("room:ops", "alice")
        await server.restart(signal.SIGKILL)
        async with redis_ports(server.address, "second") as process:
            assert await process.membership.contains("room:ops", "alice")


async def test_nothing_is_granted_while_redis_is_away() -> None:
    """Not knowing isn't a no, and even less a yes."""
    async with redis_server() as server, redis_ports(server.address) as process:
        await process.membership.add("room:ops", "alice")
        await server.stop()
        with pytest.raises(ReplyError) as caught:
            await process.membership.contains("room:ops", "alice")
        assert caught.value.code is ErrorCode.UNAVAILABLE

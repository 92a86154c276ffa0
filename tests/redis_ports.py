"""A process of a hub on Redis as far as presence, members, claims, notices and nodes go, in the test's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from redis.asyncio import Redis as Client

from channels.clock import SystemClock
from channels.model import Member
from channels.redis.backbone import Backbone
from channels.redis.claims import RedisClaims
from channels.redis.config import Address, Redis
from channels.redis.membership import RedisMembership
from channels.redis.nodes import RedisNodes
from channels.redis.noticeboard import RedisNoticeboard
from channels.redis.presence import RedisPresence

LEASE = 1.0
"""Seconds: short, so that tests needn't wait for a long one."""


class Ports:
    """One process, and what it was told.

    Attributes:
        noticed: notices that its listener got.
        heard: joins and leaves: event, channel, session.
    """

    def __init__(
        self, address: Address, node: str, lease: float = LEASE, timeout: float = 1.0, mode: str = "single"
    ) -> None:
        self.node = node
        self.address = address
        self.backbone = Backbone(Redis((address,), mode=mode, timeout=timeout), Random(node))
        clock = SystemClock()
        self.presence = RedisPresence(self.backbone, node, clock, lease)
        self.membership = RedisMembership(self.backbone)
        self.claims = RedisClaims(self.backbone)
        self.noticeboard = RedisNoticeboard(self.backbone, clock)
        self.nodes = RedisNodes(self.backbone, node, lease)
        self.noticed: list[tuple[str, float]] = []
        self.heard: list[tuple[str, str, str]] = []
        self.noticeboard.listen(lambda notice, until: self.noticed.append((notice, until)))
        self.presence.listen(self._hear)
        self._task: asyncio.Task[None] | None = None

    def _hear(self, event: str, channel: str, member: Member) -> None:
        self.heard.append((event, channel, member.session))

    def start(self) -> None:
        """Begin to run."""
        self._task = asyncio.create_task(self.backbone.run(), name=self.node)

    async def die(self) -> None:
        """End like a process that is killed: without a word."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


@asynccontextmanager
async def redis_ports(
    address: Address, node: str = "here", lease: float = LEASE, timeout: float = 1.0, mode: str = "single"
) -> AsyncIterator[Ports]:
    """Run a process as long as the block runs."""
    ports = Ports(address, node, lease, timeout, mode)
    ports.start()
    try:
        yield ports
    finally:
        await ports.die()


async def command(address: Address, *arguments: bytes) -> Any:
    """Have a server do something behind the hub's back."""
    async with Client(host=address.host, port=address.port) as client:
        return await client.execute_command(*arguments)  # type: ignore[no-untyped-call]

"""A reader of Redis' channels that keeps what it was told, for tests with real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from random import Random

from channels.redis.config import Redis
from channels.redis.locator import Locator, locator_for
from channels.redis.subscriptions import Subscriptions
from tests.redis_process import soon


class Reader:
    """Subscriptions, and what they said.

    Attributes:
        heard: channel and message, in order.
        ready: channels in the order in which listening to them began.
        links: `True` and `False`, as the link came and went.
        reasons: why it went.
    """

    def __init__(self, redis: Redis, locator: Locator | None = None) -> None:
        self.heard: list[tuple[bytes, bytes]] = []
        self.ready: list[bytes] = []
        self.links: list[bool] = []
        self.reasons: list[str] = []
        self.subscriptions = Subscriptions(
            redis, locator or locator_for(redis), self._hear, self._begin, self._link, Random(7)
        )

    def _hear(self, channel: bytes, message: bytes) -> None:
        self.heard.append((channel, message))

    def _begin(self, channels: Collection[bytes]) -> None:
        self.ready.extend(channels)

    def _link(self, up: bool, reason: str) -> None:
        self.links.append(up)
        self.reasons += [reason] if reason else []

    def messages(self, channel: bytes) -> list[bytes]:
        """What was heard on one channel."""
        return [message for name, message in self.heard if name == channel]

    async def listen(self, *channels: bytes) -> None:
        """Want channels, and wait until they are listened to."""
        before = len(self.ready)
        self.subscriptions.add(channels)
        await soon(lambda: set(channels) <= set(self.ready[before:]))


@asynccontextmanager
async def redis_reader(redis: Redis, locator: Locator | None = None) -> AsyncIterator[Reader]:
    """Run a reader as long as the block runs."""
    reader = Reader(redis, locator)
    task = asyncio.create_task(reader.subscriptions.run(), name="reader under test")
    try:
        yield reader
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

"""Limits of requests, counted in Redis for all processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from agents.bus.limits import MemoryLimiter
from agents.ports import Allowance
from channels.errors import ReplyError
from channels.redis.backbone import Backbone
from channels.redis.script import Call, Script

TAKE: Final = Script("limit_take", "agents.redis")

PATIENCE: Final = 1.0
"""Seconds that a request waits for Redis to count it: more than a busy process needs to look at the answer. A Redis
that is silent for longer is soon known to be away, and isn't asked then."""


class RedisLimiter:
    """A sliding window over all processes, on the clock of Redis: never more than `limit` requests in any `window`.

    While Redis is away, or too slow, each process counts alone: then a user has up to `limit` at each.

    Args:
        window: seconds.
        now: seconds, any monotonic clock, for counting alone.
        patience: seconds to wait for Redis.

    Attributes:
        alone: requests that were counted in this process alone.
    """

    def __init__(
        self, backbone: Backbone, limit: int, window: float, now: Callable[[], float], patience: float = PATIENCE
    ) -> None:
        self.alone = 0
        self._backbone = backbone
        self._limit = limit
        self._window = round(1_000_000 * window)
        self._own = MemoryLimiter(limit, window, now)
        self._patience = patience

    async def take(self, key: str) -> Allowance:
        # Who waited for an absent Redis would be late, each time.
        if not self._backbone.is_away():
            with suppress(ReplyError, TimeoutError):
                async with asyncio.timeout(self._patience):
                    return await self._count(key)
        self.alone += 1
        return await self._own.take(key)

    async def _count(self, key: str) -> Allowance:
        name = self._backbone.keys.group("limit", key)
        call = Call(TAKE, (name,), (self._limit, self._window))
        used, reset, retry = await self._backbone.queries.call(call)
        return Allowance(self._limit, max(0, self._limit - used), reset / 1e6, retry / 1e6)

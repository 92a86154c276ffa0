"""Claims over all processes, on Redis."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_bytes

from channels.redis.backbone import Backbone
from channels.redis.script import CLAIM, Call


def random_mark() -> bytes:
    """Make a mark by which a claim that is sent again knows itself: 96 random bits."""
    return token_bytes(12)


class RedisClaims:
    """Claims that end by themselves: as many keys as there are claims in force."""

    def __init__(self, backbone: Backbone, new_mark: Callable[[], bytes] = random_mark) -> None:
        self._backbone = backbone
        self._new_mark = new_mark

    async def claim(self, name: str, seconds: float) -> bool:
        milliseconds = max(1, round(1000 * seconds))
        call = Call(CLAIM, (self._backbone.keys.claim(name),), (self._new_mark(), milliseconds))
        return bool(await self._backbone.queries.call(call))

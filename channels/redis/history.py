"""Reading channels' streams from Redis."""

from __future__ import annotations

from channels.clock import Clock
from channels.redis.backbone import Backbone
from channels.redis.body import Reading, reading
from channels.redis.script import READ, RENEW, Call
from channels.stream import random_epoch

ALL = 1_000_000_000
"""A limit that no history reaches."""


class HistoryReader:
    """Reads streams, and ends epochs that are worth nothing any more.

    Args:
        life: milliseconds that a channel's top outlives its use.

    Attributes:
        readings: how many there were.
    """

    def __init__(self, backbone: Backbone, clock: Clock, life: int) -> None:
        self.readings = 0
        self._queries = backbone.queries
        self._keys = backbone.keys
        self._clock = clock
        self._life = life
        self._skew = 0.0

    def now(self) -> float:
        """The server's clock, in milliseconds, as of the last reading."""
        return self._clock.monotonic() * 1000 + self._skew

    async def read(self, channel: str, after: int | None, limit: int, mark_at: int = 0) -> Reading:
        """Read what came after an offset, or the newest without one.

        Args:
            mark_at: an offset whose mark is asked for; 0 for none.

        Raises:
            ReplyError: `unavailable`.
        """
        self.readings += 1
        since = b"" if after is None else b"%d" % after
        keys = (self._keys.meta(channel), self._keys.stream(channel))
        call = Call(READ, keys, (random_epoch().encode(), self._life, since, limit, mark_at))
        found = reading(await self._queries.call(call))
        self._skew = found.now - self._clock.monotonic() * 1000
        return found

    async def renew(self, channel: str, epoch: str) -> None:
        """Begin another epoch, if the channel is still in this one: Redis has lost what was delivered, so an offset may
        stand for two publications.

        Raises:
            ReplyError: `unavailable`.
        """
        await self._queries.call(renewal(self._keys.meta(channel), epoch))


def renewal(meta: bytes, epoch: str) -> Call:
    """Return the call that ends an epoch."""
    return Call(RENEW, (meta,), (epoch.encode(), random_epoch().encode()))

"""Members of rooms, sessions and jobs, on Redis."""

from __future__ import annotations

from channels.errors import ErrorCode, ReplyError
from channels.redis.backbone import Backbone
from channels.redis.script import MEMBERSHIP_CHANGE, MEMBERSHIP_CONTAINS, MEMBERSHIP_MEMBERS, Call, Reply, Script


class RedisMembership:
    """Members as Redis has them at the moment of asking: nothing is kept here, so what one process takes away, no other
    grants. It lives as long as Redis' data does.

    Args:
        limit: users of one channel at most; a further one is refused.
    """

    def __init__(self, backbone: Backbone, limit: int = 100_000) -> None:
        self._backbone = backbone
        self._limit = limit

    async def add(self, channel: str, user: str) -> None:
        if not await self._call(MEMBERSHIP_CHANGE, channel, user.encode(), self._limit):
            raise ReplyError(ErrorCode.UNAVAILABLE, f"{channel} has {self._limit} members, its limit")

    async def remove(self, channel: str, user: str) -> None:
        await self._call(MEMBERSHIP_CHANGE, channel, user.encode(), 0)

    async def contains(self, channel: str, user: str) -> bool:
        return bool(await self._call(MEMBERSHIP_CONTAINS, channel, user.encode()))

    async def members(self, channel: str) -> frozenset[str]:
        return frozenset(user.decode() for user in await self._call(MEMBERSHIP_MEMBERS, channel))

    async def _call(self, script: Script, channel: str, *arguments: bytes | int) -> Reply:
        return await self._backbone.queries.call(Call(script, (self._backbone.keys.members(channel),), arguments))

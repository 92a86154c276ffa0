"""Which server has which key: one server has all, sentinels know which one, a cluster shares the slots out."""

from __future__ import annotations

from typing import Protocol

from channels.redis.cluster import ClusterLocator
from channels.redis.config import Address, Redis
from channels.redis.sentinel import SentinelLocator


class Locator(Protocol):
    """Finds servers. One is shared by all that talk to one Redis, so what one of them learns the others know."""

    @property
    def sharded(self) -> bool:
        """Whether publications go by shard channels (`SPUBLISH`), as they should on a cluster."""

    @property
    def version(self) -> int:
        """Another number each time when something was found elsewhere than before."""

    def slot(self, key: bytes) -> int:
        """Tell the slot of a key; always 0 where there are no slots."""

    async def locate(self, slot: int) -> Address:
        """Find the server that has a slot.

        Raises:
            channels.redis.connection.Lost: nobody knows at the moment.
        """

    def doubt(self) -> None:
        """Ask anew before the next answer: a server is gone, or has said that another one has the key."""

    def moved(self, slot: int, address: Address) -> None:
        """Learn that a slot is elsewhere."""

    async def refresh(self) -> None:
        """Ask whether all is still where it was, though nothing looks wrong. What can't be learned stays as it is."""


class OneServer:
    """The locator for a single server."""

    sharded = False
    version = 0

    def __init__(self, address: Address) -> None:
        self._address = address

    def slot(self, key: bytes) -> int:
        return 0

    async def locate(self, slot: int) -> Address:
        return self._address

    def doubt(self) -> None:
        return None

    def moved(self, slot: int, address: Address) -> None:
        return None

    async def refresh(self) -> None:
        return None


def locator_for(redis: Redis) -> Locator:
    """Make the locator that a configuration asks for."""
    if redis.mode == "cluster":
        return ClusterLocator(redis)
    if redis.mode == "sentinel":
        return SentinelLocator(redis)
    return OneServer(redis.addresses[0])

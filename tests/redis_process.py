"""A process of a hub on Redis, without its edge: broker and backbone, in the test's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

from channels.clock import SystemClock
from channels.model import Gap, Position, Publication
from channels.redis.backbone import Backbone
from channels.redis.broker import BrokerOptions, RedisBroker
from channels.redis.config import Address, Redis

QUICK = BrokerOptions(linger=0.2, check_interval=0.3)
"""Options with short times, so that tests needn't wait for long ones."""


class Process:
    """One process, and what its listener heard.

    Attributes:
        heard: publications, and gaps in their place among them.
        links: what the backbone's watchers were told.
    """

    def __init__(self, address: Address, node: str, options: BrokerOptions = QUICK, timeout: float = 1.0) -> None:
        self.backbone = Backbone(Redis((address,), timeout=timeout), Random(node))
        self.broker = RedisBroker(self.backbone, options, SystemClock(), node)
        self.broker.listen(self._hear, self._miss)
        self.heard: list[Publication | Gap] = []
        self.links: list[bool] = []
        self.backbone.watch(lambda up, _: self.links.append(up))

    def _hear(self, publication: Publication) -> int:
        self.heard.append(publication)
        return 1

    def _miss(self, gap: Gap) -> None:
        self.heard.append(gap)

    @property
    def positions(self) -> list[Position | None]:
        """Positions of the publications that were heard."""
        return [item.position for item in self.heard if isinstance(item, Publication)]

    @property
    def offsets(self) -> list[int]:
        """Their offsets."""
        return [position.offset for position in self.positions if position]

    @property
    def gaps(self) -> list[Gap]:
        """The gaps that were announced."""
        return [item for item in self.heard if isinstance(item, Gap)]


@asynccontextmanager
async def redis_process(
    address: Address, node: str = "here", options: BrokerOptions = QUICK, timeout: float = 1.0
) -> AsyncIterator[Process]:
    """Run a process as long as the block runs."""
    process = Process(address, node, options, timeout)
    task = asyncio.create_task(process.backbone.run(), name=node)
    try:
        yield process
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def soon(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait until something holds that a server brings about."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - a server sets no event
            await asyncio.sleep(0.005)

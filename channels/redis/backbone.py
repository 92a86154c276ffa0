"""What everything on Redis shares: queries, the reader, and whether Redis is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from random import Random
from typing import Any, Protocol

import structlog

from channels.redis.config import Redis
from channels.redis.keys import Keys
from channels.redis.locator import locator_for
from channels.redis.pipeline import Pipeline
from channels.redis.queries import Queries
from channels.redis.subscriptions import Subscriptions
from channels.redis.timings import Timings

log = structlog.get_logger(__name__)


BRIEF = 1.0
"""Seconds of an absence that are worth waiting for its end: most are one lost connection."""


class Hearer(Protocol):
    """Who listens to some of Redis' channels."""

    def take(self, name: bytes, message: bytes) -> None:
        """Take a message. Synchronous; doesn't raise."""

    def ready(self, name: bytes) -> None:
        """Learn that listening has begun, or begun again after a loss: what was said before may have been missed."""

    def lost(self) -> None:
        """Learn that nothing is heard at the moment. `ready` comes for each channel when it is heard again."""


class Backbone:
    """The link to Redis.

    Attributes:
        queries: runs scripts that may be repeated.
        publishing: a pipeline for the one who publishes.
        timings: how long both take.
        losses: times that the link was lost.
    """

    def __init__(self, redis: Redis, random: Random) -> None:
        self.keys = Keys(redis.prefix)
        self.random = random
        self.losses = 0
        locator = locator_for(redis)
        self.spread = b"SPUBLISH" if locator.sharded else b"PUBLISH"
        self.timings = Timings()
        self.queries = Queries(Pipeline(redis, locator, self.timings), self.is_away)
        self.publishing = Pipeline(redis, locator, self.timings)
        self._subscriptions = Subscriptions(redis, locator, self._take, self._ready, self._on_reader, random)
        self._hearers: dict[bytes, Hearer] = {}
        self._watchers: list[Callable[[bool, str], None]] = []
        self._troubles: dict[str, str] = {"reader": "not connected yet"}
        self._there = asyncio.Event()
        self._unheard_since: float | None = None
        self._work: list[tuple[str, Callable[[], Coroutine[Any, Any, None]]]] = [
            ("redis queries", self.queries.run),
            ("redis reader", self._subscriptions.run),
        ]

    # Listening.

    def hear(self, names: Collection[bytes], hearer: Hearer) -> None:
        """Have `hearer` given the messages of these of Redis' channels."""
        for name in names:
            self._hearers[name] = hearer
        self._subscriptions.add(names)

    def ignore(self, names: Collection[bytes]) -> None:
        """End that."""
        for name in names:
            self._hearers.pop(name, None)
        self._subscriptions.discard(names)

    def _take(self, name: bytes, message: bytes) -> None:
        hearer = self._hearers.get(name)
        if hearer is not None:
            hearer.take(name, message)

    def _ready(self, names: Collection[bytes]) -> None:
        for name in names:
            hearer = self._hearers.get(name)
            if hearer is not None:
                hearer.ready(name)

    # Whether Redis is there.

    @property
    def available(self) -> bool:
        """Whether nothing is wrong with the link."""
        return not self._troubles

    @property
    def trouble(self) -> str:
        """What is wrong; "" if nothing is."""
        return "; ".join(dict.fromkeys(self._troubles.values()))

    def is_away(self) -> bool:
        """Whether Redis has been away for so long that waiting for it makes no sense."""
        since = self._unheard_since
        return since is not None and asyncio.get_running_loop().time() - since > BRIEF

    async def wait(self, seconds: float) -> bool:
        """Wait until Redis was there once, at most `seconds`; tell whether it was."""
        try:
            async with asyncio.timeout(seconds):
                await self._there.wait()
        except TimeoutError:
            pass
        return self._there.is_set()

    def watch(self, watcher: Callable[[bool, str], None]) -> None:
        """Have `watcher` told when the link is lost (`False`, why) and when it is back and all is healed (`True`)."""
        self._watchers.append(watcher)

    def report(self, part: str, trouble: str) -> None:
        """Note what is wrong with a part of the link; "" when it works again."""
        before, said = self.available, self.trouble
        if trouble:
            self._troubles[part] = trouble
        else:
            self._troubles.pop(part, None)
        if self.available == before:
            # Why it can't be reached may show, or change, only after the first word; the same isn't said twice.
            if trouble and self.trouble != said:
                log.warning("redis is still away", reason=self.trouble)
            return
        if self.available:
            self._there.set()
            log.info("redis is there")
        else:
            self.losses += 1
            log.warning("redis is away", reason=trouble)
        for watcher in self._watchers:
            watcher(self.available, trouble)

    def _on_reader(self, up: bool, reason: str) -> None:
        self.report("reader", "" if up else reason or "connection lost")
        if up:
            self._unheard_since = None
        elif self._unheard_since is None:
            self._unheard_since = asyncio.get_running_loop().time()
        if not up:
            for hearer in {id(hearer): hearer for hearer in self._hearers.values()}.values():
                hearer.lost()

    # Life.

    def employ(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have a further task run as long as the backbone runs."""
        self._work.append((name, work))

    async def run(self) -> None:
        """Work until cancelled. Exactly one task runs this."""
        async with asyncio.TaskGroup() as group:
            for name, work in self._work:
                group.create_task(work(), name=name)

"""Loops that keep something alive in Redis: a turn now and then, at once with a reason, again after a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

from channels.errors import ReplyError
from channels.redis.backoff import Backoff

LEASE_TURNS = 3
"""Turns within one lease: two may fail and nothing is lost."""

SHORTEST_PAUSE = 0.01
"""Seconds between two turns, at least: many reasons to hurry make one turn, and keep the process from nothing."""


class Heartbeat:
    """Runs one turn after another.

    Args:
        interval: seconds between two turns, at most; each pause is up to a tenth shorter, so processes don't come at
            once.

    Attributes:
        turns: that succeeded.
        failures: turns that failed because Redis was away.
    """

    def __init__(self, interval: float, random: Random) -> None:
        self._interval = interval
        self._random = random
        self._backoff = Backoff(random)
        self._hurried = asyncio.Event()
        self.turns = 0
        self.failures = 0

    def hurry(self) -> None:
        """Let the next turn begin at once. While Redis is away, that doesn't shorten the pause between attempts."""
        self._hurried.set()

    async def run(self, turn: Callable[[], Awaitable[None]]) -> None:
        """Run turns until cancelled. Survives `ReplyError`, which is what Redis being away looks like."""
        while True:
            self._hurried.clear()
            try:
                await turn()
            except ReplyError:
                self.failures += 1
                await self._backoff.pause()
                continue
            self.turns += 1
            self._backoff.reset()
            await asyncio.sleep(SHORTEST_PAUSE)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._interval * self._random.uniform(0.9, 1.0)):
                    await self._hurried.wait()

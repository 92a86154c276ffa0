"""A subscriber that comes back whenever its connection is lost, and notes which messages came and when.

It repairs nothing: a message that comes twice or out of order is noted as such. Messages are known by the number `n`
that the publisher gave them, not by what the server says of them, so a server can't count its own losses away.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from benchmarks.resilience.link import Link

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between attempts to connect: a random part of the first, doubled up to the longest (full jitter)."""

PATIENCE = 20.0
"""Seconds from the beginning of a connection to a subscription, after which it is given up for another."""


class Subscriber:
    """What clients of all servers have in common. A subclass says how the server is talked to.

    Args:
        port: where the server listens on 127.0.0.1.
        path: what is upgraded to a WebSocket there.

    Attributes:
        numbers: of the messages that came, in their order.
        replays: seconds for each return on which something had been missed: from when it began to reconnect (after a
            loss: from the loss, so that failed attempts and pauses count) until the last missed message had come.
        lateness: seconds from publishing to arrival, of those that came live.
        gaps: times that it was told that something can't be recovered.
        drops: connections that it lost without having cut them itself.
        complaint: what a server said that doesn't go away by trying again.
        subscribed: when the subscription of the present connection was answered, on the monotonic clock; else 0.
        once: whether a subscription has ever been answered: all that is published later is expected.
    """

    def __init__(self, port: int, path: str, random: Random) -> None:
        self.port = port
        self.path = path
        self.numbers: list[int] = []
        self.replays: list[float] = []
        self.lateness: list[float] = []
        self.gaps = self.drops = 0
        self.complaint = ""
        self.subscribed = 0.0
        self.once = False
        self._random = random
        self._link: Link | None = None
        self._begun = 0.0
        self._pause = FIRST_PAUSE

    def opened(self, link: Link) -> None:
        """Say what there is to say first."""
        raise NotImplementedError

    def heard(self, link: Link, text: bytes) -> None:
        """Take a message of the server."""
        raise NotImplementedError

    def _answered(self) -> None:
        """The subscription was answered."""
        self.subscribed = time.monotonic()
        self.once = True
        self._pause = FIRST_PAUSE

    def _note(self, data: Mapping[str, Any], live: bool) -> None:
        self.numbers.append(data["n"])
        if live:
            self.lateness.append(time.time() - data["at"])

    def _caught_up(self) -> None:
        self.replays.append(time.monotonic() - self._begun)

    async def stay(self, seconds: float = float("inf")) -> None:
        """Be connected for a time, coming back whenever the connection is lost; then cut it."""
        ends = time.monotonic() + seconds
        self._begun = time.monotonic()
        try:
            while time.monotonic() < ends:
                if await self._connected(ends):
                    await self._wait(ends)
                    if time.monotonic() >= ends:
                        return
                    self.drops += self.subscribed > 0
                    if self.subscribed:
                        self._begun = time.monotonic()
                    self._cut()
                await asyncio.sleep(min(self._pause_now(), max(0.0, ends - time.monotonic())))
        finally:
            self._cut()

    async def _connected(self, ends: float) -> bool:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(min(PATIENCE, ends - time.monotonic())):
                _, self._link = await loop.create_connection(lambda: Link(self), "127.0.0.1", self.port)
        except (OSError, TimeoutError):
            return False
        return True

    async def _wait(self, ends: float) -> None:
        """Wait until the connection is lost, or it is time, or no subscription comes of it."""
        assert self._link is not None
        for limit in (min(ends, time.monotonic() + PATIENCE), ends):
            left = limit - time.monotonic()
            await asyncio.wait((self._link.closed,), timeout=None if left == float("inf") else max(0.0, left))
            if self._link.closed.done() or not self.subscribed:
                return

    def _pause_now(self) -> float:
        """A random part of the pause, which doubles."""
        pause = self._random.uniform(0, self._pause)
        self._pause = min(LONGEST_PAUSE, 2 * self._pause)
        return pause

    def _cut(self) -> None:
        self.subscribed = 0.0
        if self._link is not None:
            self._link.abort()
            self._link = None


def losses(numbers: Sequence[int], published: int) -> tuple[int, int]:
    """Count which of the messages 0 to `published` - 1 didn't come, and which came twice or after a later one."""
    missing = published - len({number for number in numbers if 0 <= number < published})
    wrong, newest = 0, -1
    for number in numbers:
        wrong += number <= newest
        newest = max(newest, number)
    return missing, wrong

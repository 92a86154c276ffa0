"""A publisher over HTTP that doesn't let go: it repeats each publish, under its idempotency key, until the hub gives it
a position. So it knows what must be there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import aiohttp

from channels.model import Position
from tests.chaos.events import Acknowledged

_TIMEOUT = aiohttp.ClientTimeout(total=3.0)


class Publisher:
    """Publishes to one channel, one after the other.

    Args:
        port: names the hub's port to ask at the moment; `None` when there is none.
        pause: seconds between two publishes, about.
        repeats: share of acknowledged publishes that are sent once more.
        keys: conflation keys to choose from; none on a channel that isn't conflated.
        trusting: goes on when a publish was only accepted, instead of asking for its position.

    Attributes:
        acknowledged: what it was told.
        answers: how often each HTTP status came.
        queued: publishes that were answered as queued once at least.
        stop: to be set when it shall end, with what is under way.
    """

    def __init__(
        self,
        name: str,
        channel: str,
        port: Callable[[], int | None],
        random: Random,
        *,
        pause: float = 0.02,
        repeats: float = 0.05,
        size: int = 40,
        keys: tuple[str, ...] = (),
        trusting: bool = False,
    ) -> None:
        self.acknowledged = Acknowledged(name, channel)
        self.answers: Counter[int] = Counter()
        self.queued: set[str] = set()
        self.stop = asyncio.Event()
        self._name = name
        self._channel = channel
        self._port = port
        self._random = random
        self._pause = pause
        self._repeats = repeats
        self._size = size
        self._keys = keys
        self._trusting = trusting
        self._made = 0

    async def run(self, session: aiohttp.ClientSession) -> None:
        """Publish until told to stop, and end when all of it is acknowledged."""
        while not self.stop.is_set():
            await self.publish(session)
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * self._pause)

    async def publish(self, session: aiohttp.ClientSession) -> None:
        """Publish one more, and return when it has a position."""
        self._made += 1
        id = f"{self._name}-{self._made}"
        body: dict[str, Any] = {
            "channel": self._channel,
            "type": "event",
            "data": {"id": id, "pad": "x" * self._random.randrange(2 * self._size)},
            "idempotency_key": id,
        }
        if self._keys:
            body["key"] = self._random.choice(self._keys)
        self.acknowledged.places[id] = await self._insist(session, body)
        if self._random.random() < self._repeats and not self._trusting:
            again = await self._insist(session, body)
            assert again is not None
            self.acknowledged.again.append((id, again))

    async def _insist(self, session: aiohttp.ClientSession, body: dict[str, Any]) -> Position | None:
        while True:
            position = await self._try(session, body)
            if position is not None or (self._trusting and body["idempotency_key"] in self.queued):
                return position
            await asyncio.sleep(self._random.uniform(0.02, 0.2))

    async def _try(self, session: aiohttp.ClientSession, body: dict[str, Any]) -> Position | None:
        port = self._port()
        if port is None:
            return None
        try:
            url = f"http://127.0.0.1:{port}/api/publish"
            async with session.post(url, json=body, timeout=_TIMEOUT) as answer:
                told: dict[str, Any] = await answer.json()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None
        self.answers[answer.status] += 1
        if "error" in told:
            assert told["error"]["temporary"], f"{self._name} was refused for good: {told}"
            return None
        if told.get("epoch") is None:
            self.queued.add(body["idempotency_key"])
            return None
        return Position(told["epoch"], told["offset"])

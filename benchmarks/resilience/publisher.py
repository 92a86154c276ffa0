"""Publishing at a steady pace over HTTP, without ever giving a message up."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

import aiohttp

from benchmarks.processes import Failed

PATIENCE = 60.0
"""Seconds for which one message is tried."""

PAUSE = 0.1
"""Seconds between two attempts."""


def tick(number: int) -> dict[str, Any]:
    """A message: its number, the time, and some text."""
    return {"n": number, "at": time.time(), "text": "x" * 120}


class Publisher:
    """Publishes the messages 0, 1, 2, ...: the next one only when the one before is acknowledged.

    An attempt that fails may have been done all the same, so it is repeated under its idempotency key.

    Attributes:
        published: acknowledged messages.
        repeated: attempts that gave no acknowledgement.
    """

    def __init__(self, port: int) -> None:
        self.published = self.repeated = 0
        self._port = port

    async def run(self, rate: float, seconds: float) -> None:
        """Publish `rate` times a second for a time; what was held up follows at once.

        Raises:
            Failed: a message wasn't acknowledged within `PATIENCE` seconds.
        """
        begun = time.monotonic()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            for number in range(int(rate * seconds)):
                await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
                await self._publish(session, number)
                self.published += 1

    async def _publish(self, session: aiohttp.ClientSession, number: int) -> None:
        path, body = self.request(number)
        until, said = time.monotonic() + PATIENCE, "nothing"
        while time.monotonic() < until:
            try:
                async with session.post(f"http://127.0.0.1:{self._port}{path}", json=body) as answer:
                    said = f"{answer.status} {(await answer.text())[:200]}"
                    if answer.ok and self.acknowledges(said):
                        return
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                said = str(error) or repr(error)
            self.repeated += 1
            await asyncio.sleep(PAUSE)
        raise Failed(f"message {number} was not acknowledged within {PATIENCE:.0f} s; the last answer: {said}")

    def request(self, number: int) -> tuple[str, dict[str, Any]]:
        """Path and body of the POST for a message."""
        raise NotImplementedError

    def acknowledges(self, said: str) -> bool:
        """Tell whether an answer of success means that the message is published."""
        return bool(said)


class HubPublisher(Publisher):
    """Publishes to Tocsin. What is only queued there is asked for again under its key, until it has a place."""

    def __init__(self, port: int, channel: str) -> None:
        super().__init__(port)
        self._channel = channel

    def request(self, number: int) -> tuple[str, dict[str, Any]]:
        """The API's publish."""
        key = f"{os.getpid()}-{id(self)}-{number}"
        return "/api/publish", {
            "channel": self._channel,
            "type": "tick",
            "data": tick(number),
            "idempotency_key": key,
        }

    def acknowledges(self, said: str) -> bool:
        """Whether it has an offset."""
        return said.startswith("200") and '"offset":' in said

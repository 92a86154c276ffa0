"""What comes out of the hub during a demo, counted by channel and type, as any subscriber sees it."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from websockets.exceptions import ConnectionClosed

from channels.model import Channels
from hub.cli.dial import dial
from hub.cli.endpoint import Endpoint
from hub.cli.exits import Exit, Failure
from hub.cli.follow import Arrived, Denied, Follower

AGAIN: Final = 1.0
"""Seconds until the next attempt to connect."""


@dataclass(slots=True)
class Seen:
    """What came on one channel.

    Attributes:
        types: publications by type.
        latest: the newest one's type and data.
    """

    types: Counter[str] = field(default_factory=Counter)
    latest: tuple[str, Any] | None = None

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.types.values())


class Watcher:
    """Follows the six channels over WebSocket, until cancelled.

    Attributes:
        seen: by channel.
    """

    def __init__(self, endpoint: Endpoint, token: Callable[[], str | None]) -> None:
        self.seen = {channel: Seen() for channel in Channels.all()}
        self._endpoint = endpoint
        self._token = token
        self._follower = Follower(Channels.all(), {})

    @property
    def missing(self) -> list[str]:
        """The channels on which nothing came yet."""
        return [channel for channel, seen in self.seen.items() if not seen.count]

    async def run(self) -> None:
        """Watch.

        Raises:
            Failure: the hub refuses, for good.
        """
        while True:
            try:
                await self._follow()
            except Failure as failure:
                if not failure.temporary:
                    raise
            except ConnectionClosed:
                pass
            await asyncio.sleep(AGAIN)

    async def _follow(self) -> None:
        socket = await dial(self._endpoint, f"demo-{secrets.token_hex(4)}", self._token())
        self._follower.connected()
        try:
            while True:
                wake = self._follower.wake
                timeout = None if wake is None else max(0.0, wake - time.monotonic())
                try:
                    async with asyncio.timeout(timeout):
                        self._take(json.loads(await socket.recv()))
                except TimeoutError:
                    pass
                for command in self._follower.commands(time.monotonic()):
                    await socket.send(json.dumps(command))
        finally:
            await socket.close()

    def _take(self, message: dict[str, Any]) -> None:
        for event in self._follower.receive(message, time.monotonic()):
            match event:
                case Arrived(arrived):
                    seen = self.seen[str(arrived["channel"])]
                    seen.types[str(arrived["type"])] += 1
                    seen.latest = str(arrived["type"]), arrived["data"]
                case Denied(error, channel, None):
                    raise Failure(Exit.REFUSED, f"{channel or self._endpoint.url}: {error.get('message', error)}")

"""A client of Tocsin: one channel, with recovery, as much of the plain protocol as that needs."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import orjson

from benchmarks.resilience.link import Link
from benchmarks.resilience.subscriber import Subscriber


class Client(Subscriber):
    """Subscribes with `since` once it has a position. A temporary refusal is asked again, as real clients do."""

    def __init__(self, port: int, channel: str, random: Random) -> None:
        super().__init__(port, "/ws", random)
        self._channel = channel
        self._position: tuple[str, int] | None = None
        self._replay_until = 0

    def opened(self, link: Link) -> None:
        """Subscribe."""
        self._replay_until = 0
        command: dict[str, Any] = {"action": "subscribe", "channel": self._channel}
        if self._position is not None:
            epoch, offset = self._position
            command["since"] = {"epoch": epoch, "offset": offset}
        link.send(orjson.dumps(command))

    def heard(self, link: Link, text: bytes) -> None:
        """Take one message of the hub."""
        message = orjson.loads(text)
        kind = message.get("type")
        if message.get("channel") == self._channel and "offset" in message and "data" in message:
            self._publication(message)
        elif kind == "subscribe":
            self._place(message)
        elif kind == "gap":
            self.gaps += 1
            self._position = (message["epoch"], message["offset"])
        elif kind == "error":
            self._refused(link, message)

    def _place(self, message: dict[str, Any]) -> None:
        """Begin where the hub says; or hear what was missed first, and expect that up to the hub's offset."""
        if self._position is None:
            self._position = (message["epoch"], message["offset"])
        elif not message.get("recovered"):
            self.gaps += 1
            if not message.get("replayed"):
                self._position = (message["epoch"], message["offset"])
        elif message.get("replayed"):
            self._replay_until = message["offset"]
        self._answered()

    def _publication(self, message: dict[str, Any]) -> None:
        offset = message["offset"]
        self._position = (message["epoch"], offset)
        self._note(message["data"], live=not self._replay_until)
        if self._replay_until and offset >= self._replay_until:
            self._replay_until = 0
            self._caught_up()

    def _refused(self, link: Link, message: dict[str, Any]) -> None:
        if message.get("temporary"):
            asyncio.get_running_loop().call_later(self._pause_now(), self._again, link)
        else:
            self.complaint = message.get("message", "an error without a message")

    def _again(self, link: Link) -> None:
        if not link.closing and not self.subscribed:
            self.opened(link)

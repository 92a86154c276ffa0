"""A client of Socket.IO 4 over WebSocket: its packets, and connection state recovery as its own client does it."""

from __future__ import annotations

import time
from random import Random
from typing import Any

import orjson

from benchmarks.resilience.link import Link
from benchmarks.resilience.publisher import Publisher, tick
from benchmarks.resilience.subscriber import Subscriber


class SocketIoClient(Subscriber):
    """Asks for recovery by the session's private id and the id of the last message, where the server gave such.

    The server doesn't say how many messages it replays: missed are those, if it asked, that were published before
    the connection was there. They come even before the answer.
    """

    def __init__(self, port: int, random: Random) -> None:
        super().__init__(port, "/socket.io/?EIO=4&transport=websocket", random)
        self._session = self._last = ""
        self._returned = 0.0
        self._asked = self._replaying = False

    def opened(self, link: Link) -> None:
        """Send nothing: the server speaks first."""
        self._asked = self._replaying = False
        self._returned = time.time()

    def heard(self, link: Link, text: bytes) -> None:
        """Take one packet."""
        if text == b"2":
            link.send(b"3")
        elif text.startswith(b"0{"):
            known = {"pid": self._session, "offset": self._last} if self._session and self._last else None
            self._asked = known is not None
            link.send(b"40" + (orjson.dumps(known) if known else b""))
        elif text.startswith(b"40"):
            self._connected_to(orjson.loads(text[2:]))
        elif text.startswith(b"42"):
            self._event(orjson.loads(text[2:]))
        elif text.startswith(b"44"):
            self.complaint = text[2:].decode(errors="replace")

    def _connected_to(self, session: dict[str, Any]) -> None:
        private = session.get("pid", "")
        if self.once and (not private or private != self._session):
            self.gaps += 1  # a new session: what was missed is lost, and `socket.recovered` tells a client so
        self._session = private
        self._answered()

    def _event(self, event: list[Any]) -> None:
        _, data, *offset = event
        self._last = offset[0] if offset else ""
        live = data["at"] >= self._returned or not self._asked
        self._note(data, live)
        if live:
            return
        if self._replaying:
            self.replays.pop()  # that wasn't the last of them
        self._replaying = True
        self._caught_up()


class SocketIoPublisher(Publisher):
    """Publishes to `socketio_recovery.js`, which has nothing like an idempotency key. Nothing is killed there."""

    def request(self, number: int) -> tuple[str, dict[str, Any]]:
        """What is emitted."""
        return "/publish", tick(number)

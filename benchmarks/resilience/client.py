"""A client that is small enough to have thousands in one process: raw frames on an asyncio transport.

It speaks as much of the plain protocol as it needs: subscribe to one channel with `since`, note what comes and when. It
repairs nothing: a publication that comes twice or out of order is noted as such.
"""

from __future__ import annotations

import asyncio
import os
import time
from base64 import b64encode
from random import Random
from typing import Any

import orjson

_PING, _PONG, _TEXT, _CLOSE = 0x9, 0xA, 0x1, 0x8
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between attempts to connect: a random part of the first, doubled up to the longest (full jitter)."""


def frame(opcode: int, payload: bytes) -> bytes:
    """A client's frame. The mask is all zeros, which the protocol allows, and leaves the payload as it is."""
    size = len(payload)
    length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes((0x80 | opcode,)) + length + b"\0\0\0\0" + payload


class Link(asyncio.Protocol):
    """One WebSocket connection of a client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._buffer = bytearray()
        self._upgraded = False
        self.transport: asyncio.Transport | None = None
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = b64encode(os.urandom(16))
        transport.write(
            b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n\r\n" % (self._client.port, key)
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._buffer.startswith(b"HTTP/1.1 101"):
                self.abort()
                return
            del self._buffer[: end + 4]
            self._upgraded = True
            self.send(self._client.subscribe_command())
        while (taken := self._frame()) is not None:
            self._take(*taken)

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, begin = buffer[1] & 0x7F, 2
        if size == 126:
            begin = 4
        elif size == 127:
            begin = 10
        if len(buffer) < begin:
            return None
        if begin > 2:
            size = int.from_bytes(buffer[2:begin], "big")
        if len(buffer) < begin + size:
            return None
        opcode, payload = buffer[0] & 0x0F, bytes(buffer[begin : begin + size])
        del buffer[: begin + size]
        return opcode, payload

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == _TEXT:
            self._client.take(orjson.loads(payload))
        elif opcode == _PING and self.transport is not None:
            self.transport.write(frame(_PONG, payload))
        elif opcode == _CLOSE:
            self.abort()

    def send(self, command: dict[str, Any]) -> None:
        """Send a command."""
        if self.transport is not None:
            self.transport.write(frame(_TEXT, orjson.dumps(command)))

    def abort(self) -> None:
        """Cut the connection, without a word."""
        if self.transport is not None:
            self.transport.abort()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


class Client:
    """One subscriber of one channel.

    Attributes:
        offsets: of the publications that came, in their order.
        replays: seconds from the beginning of a reconnect until the last missed publication had come, per reconnect
            in which something had been missed.
        lateness: seconds from publishing to arrival of those that came live.
        refused: reconnects whose recovery was refused (`recovered: false`), or gaps that were announced.
        subscribed: when the last subscription was answered, on the monotonic clock.
    """

    def __init__(self, port: int, channel: str, random: Random) -> None:
        self.port = port
        self.offsets: list[int] = []
        self.replays: list[float] = []
        self.lateness: list[float] = []
        self.refused = 0
        self.subscribed = 0.0
        self.first: int | None = None
        self._channel = channel
        self._random = random
        self._position: tuple[str, int] | None = None
        self._link: Link | None = None
        self._begun = 0.0
        self._replay_until = 0
        self._pause = FIRST_PAUSE

    @property
    def is_subscribed(self) -> bool:
        """Whether it is connected, and the hub has answered its subscription."""
        return self.subscribed > 0

    def subscribe_command(self) -> dict[str, Any]:
        """What it says after connecting."""
        command: dict[str, Any] = {"action": "subscribe", "channel": self._channel}
        if self._position is not None:
            epoch, offset = self._position
            command["since"] = {"epoch": epoch, "offset": offset}
        return command

    def take(self, message: dict[str, Any]) -> None:
        """Take one message of the hub."""
        kind = message.get("type")
        if kind == "subscribe":
            self._answered(message)
        elif kind == "gap":
            self.refused += 1
            self._position = (message["epoch"], message["offset"])
        elif message.get("channel") == self._channel and "offset" in message and "data" in message:
            self._publication(message)

    def _answered(self, message: dict[str, Any]) -> None:
        self.subscribed = time.monotonic()
        self._pause = FIRST_PAUSE
        if self._position is None:
            self.first = message["offset"]
            self._position = (message["epoch"], message["offset"])
        elif not message.get("recovered"):
            self.refused += 1
            if not message.get("replayed"):
                self._position = (message["epoch"], message["offset"])
        elif message.get("replayed"):
            self._replay_until = message["offset"]

    def _publication(self, message: dict[str, Any]) -> None:
        offset = message["offset"]
        self.offsets.append(offset)
        self._position = (message["epoch"], offset)
        if self._replay_until:
            if offset >= self._replay_until:
                self.replays.append(time.monotonic() - self._begun)
                self._replay_until = 0
        else:
            self.lateness.append(time.time() - message["data"]["at"])

    async def stay(self, seconds: float) -> None:
        """Be connected for a time, coming back whenever the connection is lost; then cut it."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self._begun = time.monotonic()
            try:
                _, self._link = await asyncio.get_running_loop().create_connection(
                    lambda: Link(self), "127.0.0.1", self.port
                )
            except OSError:
                pass
            else:
                await asyncio.wait((self._link.closed,), timeout=left)
                self.subscribed = 0.0
                if not self._link.closed.done():
                    self._link.abort()
                    return
            await asyncio.sleep(self._random.uniform(0, self._pause))
            self._pause = min(LONGEST_PAUSE, 2 * self._pause)

    def leave(self) -> None:
        """Cut the connection."""
        if self._link is not None:
            self._link.abort()


def losses(client: Client, last: int) -> tuple[int, int]:
    """Count what didn't come of all from the client's first position to `last`, and what came twice or out of order."""
    expected = range((client.first or 0) + 1, last + 1)
    missing = len(set(expected) - set(client.offsets))
    wrong = sum(later <= earlier for earlier, later in zip(client.offsets, client.offsets[1:], strict=False))
    return missing, wrong

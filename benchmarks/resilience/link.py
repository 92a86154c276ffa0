"""WebSocket connections that are small enough to have thousands in one process: raw frames on an asyncio transport."""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from typing import Protocol

_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA


class Owner(Protocol):
    """Whose connection it is.

    Attributes:
        port, path: what to ask for the upgrade.
    """

    port: int
    path: str

    def opened(self, link: Link) -> None:
        """The upgrade was answered."""

    def heard(self, link: Link, text: bytes) -> None:
        """A message came."""


def frame(opcode: int, payload: bytes) -> bytes:
    """A client's frame, below 64 KiB. The mask is all zeros, which is allowed and leaves the payload as it is."""
    size = len(payload)
    length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes((0x80 | opcode,)) + length + b"\0\0\0\0" + payload


class Link(asyncio.Protocol):
    """One connection.

    Attributes:
        closed: done when it is gone, whoever ended it.
    """

    def __init__(self, owner: Owner) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._owner = owner
        self._buffer = bytearray()
        self._upgraded = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade (asyncio's side)."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(
            b"GET %b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n\r\n"
            % (self._owner.path.encode(), self._owner.port, b64encode(os.urandom(16)))
        )

    def data_received(self, data: bytes) -> None:
        """Take what came (asyncio's side)."""
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
            self._owner.opened(self)
        while not self.closing and (taken := self._frame()) is not None:
            self._take(*taken)

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, begin = buffer[1] & 0x7F, 2
        if size > 125:
            begin = 4 if size == 126 else 10
            if len(buffer) < begin:
                return None
            size = int.from_bytes(buffer[2:begin], "big")
        if len(buffer) < begin + size:
            return None
        opcode, payload = buffer[0] & 0x0F, bytes(buffer[begin : begin + size])
        del buffer[: begin + size]
        return opcode, payload

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == _TEXT:
            self._owner.heard(self, payload)
        elif opcode == _PING and self._transport is not None:
            self._transport.write(frame(_PONG, payload))
        elif opcode == _CLOSE:
            self.abort()

    @property
    def closing(self) -> bool:
        """Whether it has been cut, or is gone. Nothing is heard any more."""
        return self._transport is None or self._transport.is_closing()

    def send(self, text: bytes) -> None:
        """Send a message, if there is still somebody to send it to."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(frame(_TEXT, text))

    def abort(self) -> None:
        """Cut the connection, without a word."""
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, _error: Exception | None) -> None:
        """End (asyncio's side)."""
        if not self.closed.done():
            self.closed.set_result(None)

"""The smallest WebSocket client that can misbehave: raw bytes, no library that would put things right.

It reads what a server sends (whole frames, no compression), may cut the link after any byte, and may stop reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from tests.proxy import reset

_TEXT: Final = 0x81
_CLOSE: Final = 0x88
_PONG: Final = 0x8A

_MASK: Final = bytes(4)
"""A client must mask; a mask of zeros leaves the bytes as they are."""


class Wire(asyncio.Protocol):
    """One connection.

    Args:
        target: of the request line, such as `/ws?client_id=ann`.
        on_text: gets the payload of each text frame.
        allowed: bytes after which the link is reset, in the middle of whatever comes then; `None` is never.

    Attributes:
        code: close code that the server gave; `None` when it gave none.
        ended: done when the connection is lost.
    """

    def __init__(self, target: str, on_text: Callable[[bytes], None], allowed: int | None = None) -> None:
        self.code: int | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._target = target
        self._on_text = on_text
        self._allowed = allowed
        self._buffer = bytearray()
        self._upgraded = False
        self._transport: asyncio.Transport | None = None

    def send(self, text: bytes) -> None:
        """Send a text frame."""
        self._write(_TEXT, text)

    def stall(self) -> None:
        """Read nothing more."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def go_on(self) -> None:
        """Read again."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def cut(self) -> None:
        """Reset the connection; nothing that is still in the buffers is read."""
        self._upgraded = False
        self._buffer.clear()
        if self._transport is not None:
            reset(self._transport)

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(
            f"GET {self._target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        if self._allowed is not None:
            data, self._allowed = data[: self._allowed], self._allowed - len(data)
        self._buffer += data
        if not self._upgraded:
            self._read_answer()
        if self._upgraded:
            self._read_frames()
        if self._allowed is not None and self._allowed <= 0:
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    # Reading.

    def _read_answer(self) -> None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        if not self._buffer.startswith(b"HTTP/1.1 101"):
            self.cut()
            return
        self._upgraded = True
        del self._buffer[: end + 4]

    def _read_frames(self) -> None:
        begin = 0
        buffer = self._buffer
        while len(buffer) - begin >= 2:
            kind, size, head = buffer[begin], buffer[begin + 1], 2
            if size == 126:
                size, head = int.from_bytes(buffer[begin + 2 : begin + 4]), 4
            elif size == 127:
                size, head = int.from_bytes(buffer[begin + 2 : begin + 10]), 10
            end = begin + head + size
            if len(buffer) < max(end, begin + head):
                break
            self._take(kind, bytes(buffer[begin + head : end]))
            if not self._upgraded:
                return  # cut by whoever took it
            begin = end
        del buffer[:begin]

    def _take(self, kind: int, payload: bytes) -> None:
        match kind:
            case 0x81:
                self._on_text(payload)
            case 0x89:
                self._write(_PONG, payload)
            case 0x88:
                self.code = int.from_bytes(payload[:2]) if payload else 1005
                self._write(_CLOSE, payload[:2])
                if self._transport is not None:
                    self._transport.close()
            case _:
                raise AssertionError(f"expected a whole text, ping or close frame, got {kind:#x}")

    def _write(self, kind: int, payload: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        size = len(payload)
        length = bytes((0x80 | size,)) if size < 126 else bytes((0x80 | 126,)) + size.to_bytes(2)
        self._transport.write(bytes((kind,)) + length + _MASK + payload)

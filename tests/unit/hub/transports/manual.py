"""A transport without a socket, whose peer the test plays."""

from __future__ import annotations

import asyncio
from typing import Any


class ManualTransport(asyncio.Transport):
    """Takes bytes as the selector transports do: what the kernel has no room for is buffered, and announced.

    Attributes:
        sent: what the kernel took.
        buffer: what it had no room for.
        ended: `close` or `abort` was called. The end is reported by `lose`, as the loop does in its next turn.
        aborted: it was `abort`.
    """

    def __init__(self, protocol: asyncio.Protocol, room: int = 1 << 30) -> None:
        super().__init__()
        self.protocol = protocol
        self.sent = bytearray()
        self.buffer = bytearray()
        self.ended = False
        self.aborted = False
        self._room = room
        self._high = self._low = 0
        self._paused = False
        self._reading = True

    # The protocol's side.

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if self.ended and not self.buffer:
            return
        self.buffer += data
        self._flush()
        if len(self.buffer) > self._high and not self._paused:
            self._paused = True
            self.protocol.pause_writing()

    def close(self) -> None:
        self.ended = True

    def abort(self) -> None:
        self.ended = self.aborted = True
        self.buffer.clear()

    def is_closing(self) -> bool:
        return self.ended

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True

    def is_reading(self) -> bool:
        return self._reading

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self.protocol = protocol

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = 65536 if high is None else high
        self._low = self._high // 4 if low is None else low

    def get_write_buffer_size(self) -> int:
        return len(self.buffer)

    # The peer's side.

    def take(self, size: int = 1 << 30) -> None:
        """Let the peer read: the kernel has room for so many bytes more."""
        self._room += size
        while self.buffer and self._room:
            self._flush()
            if len(self.buffer) > self._low or not self._paused:
                break
            self._paused = False
            self.protocol.resume_writing()

    def lose(self, exc: Exception | None = None) -> None:
        """Tell the protocol that the socket is gone."""
        self.ended = True
        self.protocol.connection_lost(exc)

    def _flush(self) -> None:
        taken = self.buffer[: self._room]
        del self.buffer[: len(taken)]
        self.sent += taken
        self._room -= len(taken)

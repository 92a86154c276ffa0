"""A transport without a socket, whose peer the test plays."""

from __future__ import annotations

import asyncio
from typing import Any


class ManualTransport(asyncio.Transport):
    """Takes bytes as the selector transports do: what the kernel has no room for is buffered, and announced.

    After `close` or `abort` the end is reported by `lose`, as the loop does in its next turn.

    Attributes:
        protocol: whom it serves now.
        aborted: the end came by `abort`.
    """

    def __init__(self, protocol: asyncio.Protocol, room: int = 1 << 30) -> None:
        super().__init__()
        self.protocol = protocol
        self._sent = bytearray()
        self._buffer = bytearray()
        self._ended = False
        self.aborted = False
        self._room = room
        self._high = self._low = 0
        self._paused = False
        self._reading = True

    # The protocol's side.

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if self._ended and not self._buffer:
            return
        self._buffer += data
        self._flush()
        if len(self._buffer) > self._high and not self._paused:
            self._paused = True
            self.protocol.pause_writing()

    def close(self) -> None:
        self._ended = True

    def abort(self) -> None:
        self._ended = self.aborted = True
        self._buffer.clear()

    def is_closing(self) -> bool:
        return self._ended

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
        return len(self._buffer)

    # The peer's side.

    @property
    def sent(self) -> bytes:
        """What the kernel took and the peer has not read."""
        return bytes(self._sent)

    @property
    def buffer(self) -> bytes:
        """What the kernel had no room for."""
        return bytes(self._buffer)

    def read(self) -> bytes:
        """Read what the kernel took."""
        sent = self.sent
        self._sent.clear()
        return sent

    def take(self, size: int = 1 << 30) -> None:
        """Let the peer read: the kernel has room for so many bytes more."""
        self._room += size
        while self._buffer and self._room:
            self._flush()
            if len(self._buffer) > self._low or not self._paused:
                break
            self._paused = False
            self.protocol.resume_writing()

    def lose(self, exc: Exception | None = None) -> None:
        """Tell the protocol that the socket is gone."""
        self._ended = True
        self.protocol.connection_lost(exc)

    def _flush(self) -> None:
        taken = self._buffer[: self._room]
        del self._buffer[: len(taken)]
        self._sent += taken
        self._room -= len(taken)

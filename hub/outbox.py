"""One connection's way out: ready frames go straight to the transport; only a slow connection has a queue.

The transport tells when it is full (`pause_writing`) and when it has room again, so the common case checks no sizes. While it is full, frames wait here,
bounded in bytes. Over the bound the connection is closed with 4002 and recovers by position: better a gap that is known and filled than
memory that grows. Publications of conflated channels replace older ones of the same key instead of waiting behind them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable

from channels.policy import ANONYMOUS, Principal
from hub.closing import CloseCode
from hub.encoding import Encoding

HIGH_WATER = 64 * 1024
"""Bytes in the transport's own buffer from which a connection counts as slow. Added to the queue's bound, it is the most a connection holds."""

LOW_WATER = 16 * 1024

_DRAIN_CHUNK = 256 * 1024
"""Queued frames are joined up to this many bytes for one write."""


class Outbox:
    """The writing half of a connection, and what fan-out and engine know of it (a `channels.ports.Subscriber`).

    Attributes:
        active: when a command came or a publication was sent, in the loop's time.
    """

    __slots__ = (
        "_keyed",
        "_limit",
        "_queue",
        "_queued",
        "_transport",
        "active",
        "client_id",
        "encoding",
        "is_open",
        "principal",
        "session",
    )

    def __init__(self, client_id: str, session: str, encoding: Encoding, limit: int) -> None:
        self.client_id = client_id
        self.session = session
        self.encoding = encoding
        self.principal: Principal = ANONYMOUS
        self.is_open = True
        self.active = 0.0
        self._transport: asyncio.Transport | None = None
        self._limit = limit
        self._queue: deque[bytes] | None = None
        self._queued = 0
        self._keyed: dict[tuple[str, str], bytes] | None = None

    @property
    def is_connected(self) -> bool:
        """There is a socket, though perhaps nothing more may be sent."""
        return self._transport is not None

    @property
    def is_slow(self) -> bool:
        """The transport is full."""
        return self._queue is not None

    @property
    def queued_bytes(self) -> int:
        """Bytes that wait here, beside what the transport holds."""
        return self._queued

    def push(self, frames: bytes, now: float) -> None:
        """Send publications: the fan-out's inner loop."""
        self.active = now
        if self._queue is None:
            if self.is_open:
                self._transport.write(frames)  # type: ignore[union-attr] # open means connected
        else:
            self._enqueue(frames)

    def send(self, frames: bytes) -> None:
        """Send replies and notices, in order with publications."""
        if self._queue is not None:
            self._enqueue(frames)
        elif self.is_open and self._transport is not None:
            self._transport.write(frames)

    def push_keyed(self, frames: Iterable[tuple[tuple[str, str], bytes]]) -> None:
        """Keep only the newest frame per (channel, key) until the transport has room. For slow connections only."""
        if self._keyed is None:
            self._keyed = {}
        for key, data in frames:
            self._queued += len(data) - len(self._keyed.pop(key, b""))
            self._keyed[key] = data
        self._check_bound()

    def _enqueue(self, frames: bytes) -> None:
        if not self.is_open or self._queue is None:
            return
        if self._keyed:
            # What came later must not overtake: the newest values so far take their place in the queue.
            self._queue.extend(self._keyed.values())
            self._keyed = None
        self._queue.append(frames)
        self._queued += len(frames)
        self._check_bound()

    def _check_bound(self) -> None:
        if self._queued > self._limit:
            self._drop_queue()
            self.close(
                CloseCode.SLOW_CONSUMER,
                f"more than {self._limit} unread bytes; reconnect with since",
            )

    def _drop_queue(self) -> None:
        self._queue = deque() if self._queue is not None else None
        self._queued = 0
        self._keyed = None

    def _write_queue(self) -> None:
        """Give all that waits to the transport, whatever it holds already."""
        if self._queue is not None and self._transport is not None:
            self._transport.write(b"".join((*self._queue, *(self._keyed or {}).values())))
            self._drop_queue()

    def pause_writing(self) -> None:
        """The transport is full: the connection is slow from now on."""
        if self._queue is None:
            self._queue = deque()

    def resume_writing(self) -> None:
        """The transport has room: write what waited, as much as it takes."""
        queue, self._queue = self._queue, None
        if queue is None:
            return
        if self._keyed:
            queue.extend(self._keyed.values())
            self._keyed = None
        while queue and not self.is_slow and self._transport is not None:
            chunk = _chunk(queue)
            self._queued -= len(chunk)
            self._transport.write(chunk)  # may call pause_writing
        if queue:
            self._queue = queue

    def read_on(self, go: bool) -> None:
        """Stop reading from the client, or go on: commands that wait are bounded this way."""
        if self._transport is not None and self.is_open:
            if go:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    def close(self, code: CloseCode, reason: str) -> None:
        """Close the connection; what is queued already is sent first where that is possible."""
        raise NotImplementedError


def _chunk(queue: deque[bytes]) -> bytes:
    parts = [queue.popleft()]
    size = len(parts[0])
    while queue and size + len(queue[0]) <= _DRAIN_CHUNK:
        size += len(queue[0])
        parts.append(queue.popleft())
    return b"".join(parts)

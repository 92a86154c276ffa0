"""One connection's way out: ready frames go straight to the socket; only a slow connection has a queue.

The transport buffers nothing while the kernel takes everything, and tells when that changes (`pause_writing`, with a
high-water mark of 0) and when it is empty again (`resume_writing`). So the common case checks no sizes, and fan-out may
write to the socket itself. While the kernel is full, frames wait here, bounded in bytes. Over the bound the connection
is closed with 4002 and recovers by position: better a gap that is known and filled than memory that grows. Publications
of conflated channels replace older ones of the same key instead of waiting behind them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import ClassVar

from channels.policy import ANONYMOUS, Principal
from hub.closing import CloseCode
from hub.dialects import Encoder

_TLS_HIGH_WATER = 64 * 1024
"""Bytes in a TLS transport's own buffer from which a connection counts as slow: asyncio's TLS takes a mark of 0 for
always full."""

_DRAIN_CHUNK = 256 * 1024
"""Queued frames are joined up to this many bytes for one write."""


class Outbox:
    """The writing half of a connection, and what fan-out and engine know of it (a `channels.ports.Subscriber`).

    Attributes:
        active: when a command came or a publication was sent, in the loop's time.
        changes: how often the `fd` of any connection has changed: who keeps descriptors sees whether they still hold.
    """

    changes: ClassVar[int] = 0

    __slots__ = (
        "_direct",
        "_fd",
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

    def __init__(self, client_id: str, session: str, encoding: Encoder, limit: int) -> None:
        self.client_id = client_id
        self.session = session
        self.encoding = encoding
        self.principal: Principal = ANONYMOUS
        self.is_open = True
        self.active = 0.0
        self._fd = -1
        self._transport: asyncio.Transport | None = None
        self._direct = -1
        self._limit = limit
        self._queue: deque[bytes] | None = None
        self._queued = 0
        self._keyed: dict[tuple[str, str], bytes] | None = None

    @property
    def fd(self) -> int:
        """The socket's descriptor while whole frames may be written to it directly, else -1.

        The transport closes the socket only after `connection_lost`, which sets it to -1, so it never names another
        connection's socket.
        """
        return self._fd

    @fd.setter
    def fd(self, fd: int) -> None:
        self._fd = fd
        Outbox.changes += 1

    @property
    def is_connected(self) -> bool:
        """There is a socket, though perhaps nothing more may be sent."""
        return self._transport is not None

    @property
    def is_slow(self) -> bool:
        """The kernel takes no more at the moment."""
        return self._queue is not None

    @property
    def queued_bytes(self) -> int:
        """Bytes that wait here, beside what the transport holds."""
        return self._queued

    def connect(self, transport: asyncio.Transport) -> None:
        """Write to this transport from now on."""
        self._transport = transport
        # Only a plain selector transport has an empty buffer whenever it hasn't called pause_writing; TLS and other
        # loops keep their own.
        if (
            transport.get_extra_info("sslcontext") is not None
            or type(transport).__module__ != "asyncio.selector_events"
        ):
            transport.set_write_buffer_limits(_TLS_HIGH_WATER)
            return
        self._direct = self.fd = transport.get_extra_info("socket").fileno()
        transport.set_write_buffer_limits(0)
        # HTTP answers may still be on their way; whoever had the transport before may have got the signal for them.
        if transport.get_write_buffer_size():
            self.pause_writing()

    def disconnect(self) -> None:
        """The socket is gone, or not ours any more."""
        self.is_open = False
        self.fd = self._direct = -1
        self._transport = None
        self._drop_queue()

    def push(self, frames: bytes, now: float) -> None:
        """Send publications. (`hub.fanout` writes to `fd` itself where there is one.)"""
        self.active = now
        self.send(frames)

    def replay(self, frames: bytes, now: float) -> None:
        """Send what the client missed, in order with all else."""
        self.push(frames, now)

    def push_rest(self, frames: bytes, written: int) -> None:
        """Go on with what was written to `fd` in part, or not at all."""
        if self._transport is not None:
            self._transport.write(frames[written:])

    def send(self, frames: bytes) -> None:
        """Send replies and notices, in order with publications."""
        if self._queue is not None:
            self._enqueue(frames)
        elif self.is_open and self._transport is not None and not self._transport.is_closing():
            self._transport.write(frames)

    def push_keyed(self, frames: Iterable[tuple[tuple[str, str], bytes]]) -> None:
        """Keep only the newest frame per (channel, key) until the transport has room. For slow connections only."""
        if not self.is_open:
            return
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
        """The kernel is full: the connection is slow from now on."""
        self.fd = -1
        if self._queue is None:
            self._queue = deque()

    def resume_writing(self) -> None:
        """The kernel has room: write what waited, as much as it takes."""
        queue, self._queue = self._queue, None
        if self.is_open:
            self.fd = self._direct
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

    def _end(self) -> None:
        """Send nothing more of what comes from now on."""
        self.is_open = False
        self.fd = -1

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

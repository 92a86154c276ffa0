"""An event stream on a socket of its own: the answer to `GET /events`, which doesn't end.

The client only listens, so there is nothing to parse: an idle stream is a transport and one small object, like an idle
WebSocket. The body ends with the connection (`Connection: close`, no length and no chunks), so that the bytes of a
publication are the same for every stream, and fan-out writes them as it writes frames.

Until it has its socket, a stream collects what is sent to it: its client may still be refused then.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Protocol, cast

from hub.closing import CloseCode, should_reconnect
from hub.connection import Connection
from hub.dialects.stream import StreamEncoding

UNSEEN = -1
"""In place of a number of unsent bytes: the stream was not slow when last looked at."""


class StreamHost(Protocol):
    """What a stream needs of the hub around it."""

    def clock(self) -> float:
        """The loop's time."""

    def closing(self, stream: StreamConnection) -> None:
        """Watch a stream that was ended: its client must read the rest within the close timeout."""

    def lost(self, stream: StreamConnection) -> None:
        """Forget a stream whose socket is gone. Called once."""


class StreamConnection(Connection, asyncio.Protocol):
    """One stream.

    Attributes:
        lasts: it is not ended for being idle.
        next_beat, unsent_before, warn_at: see `hub.stream_liveness`.
    """

    encoding: StreamEncoding

    __slots__ = ("_host", "lasts", "next_beat", "unsent_before", "warn_at")

    def __init__(
        self, host: StreamHost, client_id: str, session: str, encoding: StreamEncoding, limit: int, *, address: str = ""
    ) -> None:
        super().__init__(client_id, session, encoding, limit, address=address, opened=host.clock())
        self.lasts = False
        self.next_beat = 0.0
        self.unsent_before = UNSEEN
        self.warn_at: float | None = None
        self._host = host
        self._queue = deque()

    @property
    def kind(self) -> str:
        return self.encoding.name

    @property
    def unsent(self) -> int:
        """Bytes that the transport holds because the kernel doesn't take them."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def replay(self, frames: bytes, now: float) -> None:
        """Send what the client missed. Before the stream has its socket this isn't counted: it is a piece of history,
        and bounded as such."""
        if self._transport is not None or self._queue is None:
            self.push(frames, now)
            return
        self._queue.extend((self._keyed or {}).values())
        self._keyed = None
        self._queue.append(frames)

    # From the transport.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Write what was collected; from here on the bound on unread bytes is that of every connection."""
        collected = b"".join((*(self._queue or ()), *(self._keyed or {}).values()))
        self._drop_queue()
        self._queue = None
        self.connect(cast(asyncio.Transport, transport))
        cast(asyncio.Transport, transport).write(collected)

    def data_received(self, data: bytes) -> None:
        """Take no notice: there is nothing that a client could say here."""

    def eof_received(self) -> None:
        """The client has left; asyncio closes the socket."""
        if self.is_open:
            self.close_code = int(CloseCode.NORMAL)

    def connection_lost(self, exc: Exception | None) -> None:
        self.disconnect()
        self._host.lost(self)

    # Ending.

    def tell(self, message: dict[str, Any]) -> None:
        """Send a notice."""
        self.send(self.encoding.message(message))

    def beat(self, timestamp: str) -> None:
        """Send a sign of life."""
        self.send(self.encoding.heartbeat(timestamp))

    def close(self, code: CloseCode | int, reason: str) -> None:
        """Send what is queued and a last message that says why, and end the stream. Closing twice is once."""
        if not self.is_open:
            return
        self._end()
        self.close_code = int(code)
        if self._transport is None:
            return
        self._write_queue()
        last = {"type": "close", "code": int(code), "reason": reason, "reconnect": should_reconnect(code)}
        self._transport.write(self.encoding.message(last))
        self._transport.close()
        self.close_by = self._host.clock()
        self._host.closing(self)

"""A Socket.IO client's connection: by polls, by a WebSocket, or first the one and then the other.

While the client polls, there is no transport: what is sent waits in the outbox, bounded as for every slow connection,
and a poll takes it. To upgrade, the client opens a WebSocket, asks over it whether it works (`2probe`), and goes over
to it (`5`): what waits then is written there first. So nothing is lost or repeated between the two.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Final, cast

from hub.closing import CloseCode
from hub.frames import frame
from hub.socketio.encoding import SocketIoEncoding
from hub.socketio.payload import binary_of, joined, split
from hub.transports.websocket import Host, Parser, WebSocketConnection

_CLOSE: Final = frame(b"1")
_PING: Final = frame(b"2")
_PROBED: Final = frame(b"3probe")
_NOOP: Final = b"6"
_DISCONNECT: Final = frame(b"41")
_STAY_AWAY: Final = 4500
"""Close codes from here on tell a client not to come back."""


class Overlapping(Exception):
    """Two polls at once: the client, or somebody else who knows its session, is confused."""


class SocketIoConnection(WebSocketConnection):
    """One connection.

    Args:
        polling: it begins with polls.
    """

    __slots__ = ("_candidate", "_polled", "_probed", "_waiting")

    def __init__(
        self,
        host: Host,
        client_id: str,
        session: str,
        encoding: SocketIoEncoding,
        limit: int,
        *,
        polling: bool,
        address: str = "",
    ) -> None:
        super().__init__(host, client_id, session, encoding, limit, address=address)
        self._candidate: asyncio.Transport | None = None
        self._waiting: asyncio.Event | None = None
        self._probed = False
        self._polled = polling
        if polling:
            self._queue = deque()

    @property
    def kind(self) -> str:
        return "socketio"

    @property
    def is_polling(self) -> bool:
        """The client is served by polls."""
        return self._polled

    @property
    def has_candidate(self) -> bool:
        """The client is about to go over to a WebSocket."""
        return self._candidate is not None

    # By polls.

    async def poll(self) -> bytes:
        """Wait until there is something to send, and take it.

        Raises:
            Overlapping: somebody waits already; the connection is closed.
        """
        if self._waiting is not None:
            self.close(CloseCode.PROTOCOL_ERROR, "two polls at once")
            raise Overlapping
        self._waiting = asyncio.Event()
        try:
            while not self._queue and not self._keyed and self.is_open and self._polled and not self._probed:
                await self._waiting.wait()
                self._waiting.clear()
        finally:
            self._waiting = None
        if not self._polled or (self._probed and not self._queue):
            return _NOOP
        frames = b"".join((*(self._queue or ()), *(self._keyed or {}).values()))
        self._drop_queue()
        return joined(frames)

    def take(self, body: bytes) -> None:
        """Take what a polling client posted.

        Raises:
            ValueError: it is no payload.
        """
        self.heard = self._host.clock()
        self.pinged = False
        for packet in split(body):
            if not self.is_open:
                return
            self.active = self.heard
            if self.receiver is None:
                return
            binary = binary_of(packet)
            if binary is None:
                self.receiver.receive(packet)
            else:
                self.receiver.receive_binary(binary)

    def push_keyed(self, frames: Iterable[tuple[tuple[str, str], bytes]]) -> None:
        super().push_keyed(frames)
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None:
            self._waiting.set()

    def _enqueue(self, frames: bytes) -> None:
        super()._enqueue(frames)
        self._wake()

    # By a WebSocket.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._polled:
            self._candidate = cast(asyncio.Transport, transport)
        else:
            super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._polled:
            self._forget_candidate()
        else:
            super().connection_lost(exc)

    def _dispatch(self, data: bytes) -> None:
        if self._candidate is None:
            super()._dispatch(data)
        elif data == b"2probe":
            self._candidate.write(_PROBED)
            self._probed = True  # polls are answered at once from now on, or the client could not pause them
            self._wake()
        elif data == b"5" and self._probed:
            self._go_over(self._candidate)
        else:
            self._forget_candidate()

    def _go_over(self, transport: asyncio.Transport) -> None:
        self._polled, self._probed, self._candidate = False, False, None
        queue, self._queue = self._queue, None
        self.connect(transport)
        if not self.is_slow:
            self._queue = queue
            self.resume_writing()
        elif queue:
            queue.extend(self._queue or ())
            self._queue = queue
        self._wake()

    def _forget_candidate(self) -> None:
        candidate, self._candidate = self._candidate, None
        self._probed = False
        self._parser = None
        if candidate is not None:
            candidate.abort()

    def _closed_by(self, parser: Parser) -> None:
        if self._polled:
            self._forget_candidate()
        else:
            super()._closed_by(parser)

    # Both.

    def ping(self) -> None:
        """Ask the client for a sign of life."""
        self.pinged = True
        self.send(_PING)

    def close(self, code: CloseCode | int, reason: str) -> None:
        """End the connection. A client that is not to come back is told so (Socket.IO's DISCONNECT)."""
        if self.is_open and code >= _STAY_AWAY:
            self.send(_DISCONNECT)
        if not self._polled:
            super().close(code, reason)
        elif self.is_open:
            self.send(_CLOSE)
            self._end()
            self.close_code = int(code)
            self._forget_candidate()
            self._wake()
            self._host.lost(self)

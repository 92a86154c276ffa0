"""A Socket.IO client's connection: by polls, by a WebSocket, or first the one and then the other.

While the client polls, there is no transport: what is sent waits in the outbox, bounded as for every slow connection,
and a poll takes it. To upgrade, the client opens a WebSocket, asks over it whether it works (`2probe`), and goes over
to it (`5`): what waits then is written there first.

Who knows the id of polls can read and send in the client's name. So it is a secret of its own: the session's name,
which other clients see in lists of who is present, doesn't open anything.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, cast

from hub.closing import CloseCode
from hub.frames import frame
from hub.socketio.encoding import SocketIoEncoding
from hub.socketio.payload import NOOP, binary_of, joined, split
from hub.socketio.posts import Overlapping, Posts
from hub.transports.websocket import Host, Parser, WebSocketConnection

_CLOSE: Final = frame(b"1")
_PING: Final = frame(b"2")
_PONG: Final = b"3"
_PROBED: Final = frame(b"3probe")
_DISCONNECT: Final = frame(b"41")
_STAY_AWAY: Final = 4500
"""Close codes from here on tell a client not to come back."""
_VANISHED: Final = 1006
LOOK: Final = 5.0
"""Seconds between two looks whether the client that polls is still there, and for one that isn't to come back."""
FAREWELL: Final = 10.0
"""Seconds for which a client that is to stay away may still fetch these words."""


class SocketIoConnection(WebSocketConnection):
    """One connection.

    Args:
        sid: Engine.IO's id of a client that begins with polls, a secret between it and the hub; "" for any other.
        forget: is told `sid` once it means nothing any more: the connection has ended.

    Attributes:
        posts: turns of what a polling client posts.
    """

    ping_frame = _PING

    __slots__ = (
        "_answer",
        "_attempt",
        "_candidate",
        "_forget",
        "_left_off",
        "_polled",
        "_probed",
        "_waiting",
        "posts",
        "sid",
    )

    def __init__(
        self,
        host: Host,
        client_id: str,
        session: str,
        encoding: SocketIoEncoding,
        limit: int,
        *,
        sid: str = "",
        forget: Callable[[str], object] = lambda _: None,
        address: str = "",
    ) -> None:
        super().__init__(host, client_id, session, encoding, limit, address=address)
        self.sid = sid
        self._forget = forget
        self._candidate: asyncio.Transport | None = None
        self._waiting: asyncio.Event | None = None
        self._probed = False
        self._attempt = ""
        self._answer = b""
        self._left_off: asyncio.Event | None = None
        self._polled = bool(sid)
        self.posts = Posts()
        if sid:
            self._queue = deque()

    @property
    def kind(self) -> str:
        return "socketio"

    @property
    def is_polling(self) -> bool:
        """The client is served by polls."""
        return self._polled

    @property
    def has_words(self) -> bool:
        """There is, or may come, something to poll."""
        return self._polled and (self.is_open or bool(self._queue))

    @property
    def may_upgrade(self) -> bool:
        """The client may go over to a WebSocket: it hasn't yet, and isn't about to."""
        return self._polled and self.is_open and self._candidate is None

    # By polls.

    async def poll(self, is_there: Callable[[], bool] = lambda: True, attempt: str = "") -> bytes:
        """Wait until there is something to send, and take it.

        Args:
            is_there: tells whether the client still waits. From one that doesn't nothing is taken, and it is closed
                unless it asks again within some seconds.
            attempt: the same for a request that is sent again, as browsers and Node do by themselves when a kept
                connection breaks: it gets the same answer.

        Raises:
            Overlapping: somebody waits already; the connection is closed.
        """
        again = bool(attempt) and attempt == self._attempt
        if self._waiting is not None and not again:
            self.close(CloseCode.PROTOCOL_ERROR, "two polls at once")
            raise Overlapping
        if again and self._answer:
            return self._answer
        self._wake()  # an earlier attempt that still waits is let go with nothing
        mine = self._waiting = asyncio.Event()
        self._attempt, self._answer, self._left_off = attempt, b"", None
        try:
            while self._waiting is mine and not self._has_news():
                await self._news(mine)
                if self._waiting is mine and not is_there():
                    asyncio.get_running_loop().call_later(LOOK, self._close_unless_polled, mine)
                    self._left_off = mine
                    return NOOP
            return self._taken() if self._waiting is mine else NOOP
        finally:
            if self._waiting is mine:
                self._waiting = None

    def _has_news(self) -> bool:
        return bool(self._queue or self._keyed or self._probed) or not (self.is_open and self._polled)

    def _taken(self) -> bytes:
        if not self._polled or not (self._queue or self._keyed):
            return NOOP
        frames = b"".join((*(self._queue or ()), *(self._keyed or {}).values()))
        self._drop_queue()
        self._answer = joined(frames)
        return self._answer

    def _close_unless_polled(self, left_off: asyncio.Event) -> None:
        if self._polled and self._left_off is left_off and self._waiting is None:
            self.close(_VANISHED, "left in the middle of a poll")

    async def _news(self, event: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(LOOK):
                await event.wait()
        except TimeoutError:
            pass
        event.clear()

    def take(self, body: bytes, attempt: str = "") -> None:
        """Take what a polling client posted.

        Args:
            attempt: see `poll`; what it says was taken already.

        Raises:
            ValueError: it is no payload.
        """
        if not self.posts.is_new(attempt):
            return
        self.heard = self._host.clock()
        self.pinged = False
        for packet in split(body):
            if not self.is_open:
                return
            binary = binary_of(packet)
            self._text = binary is None
            self._hear(packet if binary is None else binary)

    def _hear(self, data: bytes) -> None:
        active = self.active
        super()._dispatch(data)
        if data == _PONG:
            self._ponged()
            self.active = active  # as on the plain protocol, answers to pings don't make an idle client busy

    def read_on(self, go: bool) -> None:
        self.posts.read_on(go)
        if not self._polled:
            super().read_on(go)

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
            self._forget(self.sid)

    def _dispatch(self, data: bytes) -> None:
        if self._candidate is None:
            self._hear(data)
        elif data == b"2probe":
            self._candidate.write(_PROBED)
            self._probed = True  # polls are answered at once from now on, or the client could not pause them
            self._wake()
        elif data == b"5" and self._probed:
            self._go_over(self._candidate)
        else:
            self._forget_candidate()

    def _go_over(self, transport: asyncio.Transport) -> None:
        self._polled, self._probed, self._candidate, self._answer = False, False, None, b""
        queue, self._queue = self._queue, None
        self.connect(transport)
        super().read_on(not self.posts.is_full)
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

    def close(self, code: CloseCode | int, reason: str) -> None:
        """End the connection. A client that is not to come back is told so (Socket.IO's DISCONNECT)."""
        if self._polled:
            if self.is_open:
                # Not both: a client would hear of the end of the transport first, and begin to come back.
                self.send(_DISCONNECT if code >= _STAY_AWAY else _CLOSE)
                self._end_polls(int(code))
            return
        if self.is_open and code >= _STAY_AWAY:
            self.send(_DISCONNECT)
        super().close(code, reason)

    def left(self) -> None:
        """End the connection, as the client wished: a poll that waits is let go with nothing."""
        if not self._polled:
            self.close(CloseCode.NORMAL, "the client closed")
        elif self.is_open:
            self._drop_queue()
            self._end_polls(CloseCode.NORMAL)

    def _end_polls(self, code: int) -> None:
        self._end()
        self.close_code = code
        if code >= _STAY_AWAY and self._waiting is None:
            # The client is between two polls, and the next one must tell it.
            asyncio.get_running_loop().call_later(FAREWELL, self._forget, self.sid)
        else:
            self._forget(self.sid)
        self._forget_candidate()
        self._wake()
        self.posts.read_on(True)
        self._host.lost(self)

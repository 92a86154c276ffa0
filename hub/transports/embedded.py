"""The hub inside a handler of your own: a connection over aiohttp's `WebSocketResponse`.

For applications that have their WebSocket endpoint already, and the fallback should an aiohttp come whose connections
can't be handed over. aiohttp reads, pings and
closes; the hub's ready frames go to the transport below it, each whole and in order. It costs what
`WebSocketResponse` costs, about 12 KiB a connection more
than `hub.transports.websocket`.

    async def my_socket(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False, heartbeat=30)
        await ws.prepare(request)
        async with hub.manager.embed(ws, request, client_id="sensor-7") as connection:
            await hub.manager.subscribe(connection, "system_alerts")
            async for message in ws:
                ...
        return ws
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from hub.closing import CloseCode
from hub.encoding import Encoding
from hub.outbox import Outbox

HIGH_WATER = 64 * 1024
"""Bytes in the transport's buffer, which aiohttp writes to as well, from which a connection counts as slow."""

LOW_WATER = 16 * 1024

POLL = 0.05
"""Seconds between two looks at a slow connection: aiohttp keeps the transport's own signals to itself."""


class EmbeddedConnection(Outbox):
    """A connection whose socket belongs to a handler.

    Raises:
        ValueError: the response was made with compression. The hub's frames and aiohttp's compressor would disturb
        each other; pass
            `compress=False`.
    """

    __slots__ = ("_closing", "_loop", "_response")

    def __init__(
        self,
        response: web.WebSocketResponse,
        request: web.BaseRequest,
        client_id: str,
        session: str,
        encoding: Encoding,
        limit: int,
    ) -> None:
        super().__init__(client_id, session, encoding, limit)
        if response.compress or encoding.window_bits:
            raise ValueError("expected a WebSocketResponse(compress=False): its frames and the hub's share one socket")
        self._response = response
        self._loop = asyncio.get_running_loop()
        self._closing: asyncio.Task[bool] | None = None
        self._transport = request.transport
        self.is_open = self._transport is not None and not response.closed

    def push(self, frames: bytes, now: float) -> None:
        super().push(frames, now)
        self._check_room()

    def send(self, frames: bytes) -> None:
        super().send(frames)
        self._check_room()

    def _check_room(self) -> None:
        transport = self._transport
        if transport is None or self.is_slow:
            return
        if self._response.closed or transport.is_closing():
            self.lose()
        elif transport.get_write_buffer_size() > HIGH_WATER:
            self.pause_writing()
            self._loop.call_later(POLL, self._poll)

    def _poll(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            self.lose()
        elif transport.get_write_buffer_size() > LOW_WATER:
            self._loop.call_later(POLL, self._poll)
        else:
            self.resume_writing()
            self._check_room()

    def read_on(self, go: bool) -> None:
        """Do nothing: the handler reads."""

    def close(self, code: CloseCode | int, reason: str) -> None:
        if self.is_open:
            self._write_queue()
            self._end()
            close = self._response.close(code=int(code), message=reason.encode()[:123])
            self._closing = self._loop.create_task(close, name=f"close of {self.session}")

    def lose(self) -> None:
        """Note that the socket is gone, or no longer the hub's business."""
        self.disconnect()

"""An echo server on the product's own path: aiohttp's upgrade, the hand-over, `WebSocketConnection`, and `Encoding`.

It exists for tests alone: what a client sends comes back, which is how conformance suites look into a WebSocket server.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from hub.dialects.plain import PlainDialect
from hub.encoding import Encoding, Encodings
from hub.frames import BINARY
from hub.transports.handover import HandshakeRefused, hand_over, shake_hands
from hub.transports.websocket import Receiver, WebSocketConnection

MAX_BYTES = 16 * 1024 * 1024
"""Autobahn's longest messages (9.1.6 and its like) have 16 MiB."""

CLOSE_TIMEOUT = 5.0


class Echo:
    """Sends back what comes."""

    def __init__(self, connection: WebSocketConnection) -> None:
        self.connection = connection

    def receive(self, text: bytes) -> None:
        self.connection.send(self.connection.encoding.frame(text))

    def receive_binary(self, data: bytes) -> None:
        self.connection.send(self.connection.encoding.frame(data, BINARY))

    def receive_oversized(self) -> None:
        """Have nothing to say."""


@dataclass
class EchoServer:
    """Upgrades every request to `/ws`, and is the host of its connections.

    Attributes:
        answering: makes the receiver of a connection.
        port: where it listens on the loopback interface.
        connections: those that are alive.
        ended: close codes of those that are not.
    """

    compression: bool = True
    min_bytes: int = 0
    answering: Callable[[WebSocketConnection], Receiver] = Echo
    queued_bytes: int = 4 * MAX_BYTES
    max_bytes: int = MAX_BYTES
    port: int = 0
    connections: list[WebSocketConnection] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._encodings = Encodings(lambda window: Encoding(PlainDialect(), window, self.min_bytes))
        self._loop = asyncio.get_running_loop()

    def clock(self) -> float:
        return self._loop.time()

    def closing(self, connection: WebSocketConnection) -> None:
        self._loop.call_later(CLOSE_TIMEOUT, connection.abort)

    def lost(self, connection: WebSocketConnection) -> None:
        self.connections.remove(connection)
        self.ended.append(connection.close_code)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one client."""
        try:
            handshake = shake_hands(request, compression=self.compression, subprotocols=())
        except HandshakeRefused as refused:
            return web.Response(status=refused.status, text=str(refused), headers=refused.headers)
        encoding = self._encodings.get(handshake.window_bits)
        connection = WebSocketConnection(self, "c", "s", encoding, self.queued_bytes, extensions=handshake.extensions)
        connection.receiver = self.answering(connection)
        self.connections.append(connection)
        return hand_over(request, handshake, connection)


async def _page(_: web.Request) -> web.Response:
    """Give browsers a page to open connections from."""
    return web.Response(text="<!doctype html><title>Echo</title>", content_type="text/html")


@asynccontextmanager
async def echoing(
    *,
    compression: bool = True,
    min_bytes: int = 0,
    answering: Callable[[WebSocketConnection], Receiver] = Echo,
    tls: ssl.SSLContext | None = None,
    keepalive_timeout: float = 75.0,
) -> AsyncIterator[EchoServer]:
    """Run an echo server on a free port of the loopback interface."""
    server = EchoServer(compression, min_bytes, answering)
    app = web.Application()
    app.router.add_get("/ws", server.connect, allow_head=False)
    app.router.add_get("/", _page)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=keepalive_timeout)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        server.port = runner.addresses[0][1]
        yield server
    finally:
        for connection in list(server.connections):
            connection.abort()
        await runner.cleanup()
        await asyncio.sleep(0)  # lets the aborted connections end

"""From an aiohttp request to a bare socket: the one file that knows how to take a connection out of aiohttp's hands.

aiohttp routes and authenticates the upgrade. After that a connection needs neither its request, nor its task, nor its
parser; keeping them
costs about 12 KiB each. So the answer's head (101, or 200 for an event stream) is written here, the transport gets a
protocol of ours, and aiohttp's
protocol is told that its
connection is lost, which is how it lets go of everything. Checked against aiohttp 3.14, over TCP and TLS, by
tests/integration/test_handover.py.

RFC 6455's handshake itself (key, version, subprotocol, extensions) is done by `websockets`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHeader
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.http11 import Request as HandshakeRequest
from websockets.http11 import Response as HandshakeResponse
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol


@dataclass(frozen=True, slots=True)
class Handshake:
    """An accepted upgrade.

    Attributes:
        response: the bytes of the 101 answer.
        extensions: to be given to the connection's parser.
        window_bits: for frames to this client; 0 without compression.
    """

    response: bytes
    extensions: list[Extension]
    window_bits: int


_REFUSAL_HEADERS = ("Allow", "Sec-WebSocket-Version", "Upgrade")


class HandshakeRefused(Exception):
    """The request is no valid upgrade. Carries the HTTP answer."""

    def __init__(self, response: HandshakeResponse) -> None:
        super().__init__(response.body.decode(errors="replace").strip())
        self.status = response.status_code
        self.headers = {name: value for name, value in response.headers.raw_items() if name in _REFUSAL_HEADERS}


def shake_hands(request: web.BaseRequest, *, compression: bool, subprotocols: tuple[str, ...]) -> Handshake:
    """Check an upgrade request and make its answer.

    Args:
        subprotocols: that the hub speaks, most wanted first. A client that names only others is served without one.

    Raises:
        HandshakeRefused: with the status that RFC 6455 asks for.
    """
    factories = (
        [ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)]
        if compression
        else None
    )
    server = ServerProtocol(
        extensions=factories,
        select_subprotocol=lambda _, offered: next((Subprotocol(s) for s in subprotocols if s in offered), None),
    )
    headers = Headers()
    for name, value in request.raw_headers:
        headers[name.decode("latin-1")] = value.decode("latin-1")
    version = f"HTTP/{request.version.major}.{request.version.minor}"
    response = server.accept(HandshakeRequest(request.path_qs, headers, request.method, version))
    if response.status_code != 101:
        if isinstance(server.handshake_exc, InvalidHeader) and server.handshake_exc.name == "Sec-WebSocket-Version":
            response.status_code = 426
            response.headers["Upgrade"] = "websocket"
            response.headers["Sec-WebSocket-Version"] = "13"
        raise HandshakeRefused(response)
    deflate = next((e for e in server.extensions if isinstance(e, PerMessageDeflate)), None)
    return Handshake(response.serialize(), list(server.extensions), deflate.local_max_window_bits if deflate else 0)


class HandedOver(web.StreamResponse):
    """What the handler returns after a hand-over: tells aiohttp that there is nothing left to send."""

    def __init__(self) -> None:
        super().__init__(status=101)

    async def prepare(self, request: web.BaseRequest) -> None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None

    @property
    def keep_alive(self) -> bool:
        return False


def hand_over(request: web.Request, handshake: Handshake, protocol: asyncio.Protocol) -> web.StreamResponse:
    """Answer 101 and give the socket to `protocol`; the handler then returns what this returns."""
    return take_over(request, handshake.response, protocol)


def take_over(request: web.Request, answer: bytes, protocol: asyncio.Protocol) -> web.StreamResponse:
    """Write the head of an answer and give the socket to `protocol`; the handler then returns what this returns.

    Bytes that the client sent right behind its request are given to the protocol in the next turn of the loop, as its
    first data. A client that is gone
    already leaves `protocol` without a connection.
    """
    http = request.protocol
    transport = request.transport
    if transport is None or transport.is_closing():
        return HandedOver()
    early = http._message_tail  # aiohttp keeps what follows an upgrade request here
    transport.write(answer)
    transport.set_protocol(protocol)
    # Not an error: this makes aiohttp drop task, timers, parser and its books of this connection. Without a transport
    # it has none to close.
    http.transport = None
    http.connection_lost(None)
    protocol.connection_made(transport)
    if early:
        # Nothing more is read until these are delivered: the loop may hold what follows ready already, and it must
        # not overtake.
        transport.pause_reading()
        asyncio.get_running_loop().call_soon(_deliver, transport, protocol, early)
    else:
        transport.resume_reading()  # aiohttp may have paused it
    return HandedOver()


def _deliver(transport: asyncio.Transport, protocol: asyncio.Protocol, early: bytes) -> None:
    transport.resume_reading()
    if not transport.is_closing():
        protocol.data_received(early)

"""`/socket.io/`: from HTTP requests to Socket.IO connections, by polls and by WebSocket."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final

import orjson
from aiohttp import web

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.auth import token_from
from hub.closing import CloseCode
from hub.connections import Connections
from hub.encoding import Encodings
from hub.http.access import Access
from hub.http.errors import error_response
from hub.http.sign_in import SignIn
from hub.http.websocket import client_id_of
from hub.options import Settings
from hub.origin import OriginCheck
from hub.session import Context
from hub.socketio.connection import Overlapping, SocketIoConnection
from hub.socketio.encoding import SocketIoEncoding
from hub.socketio.session import SocketIoSession
from hub.transports.handover import HandedOver, HandshakeRefused, hand_over, shake_hands
from hub.transports.websocket import Host, WebSocketConnection
from hub.wheel import Wheel

PROTOCOL: Final = "4"
"""The version of Engine.IO."""

_PLAIN: Final = {"Content-Type": "text/plain; charset=UTF-8", "Cache-Control": "no-store"}


class Refused(Exception):
    """An answer with a code of Engine.IO's, which its clients know."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    @property
    def response(self) -> web.Response:
        """As Engine.IO writes it."""
        body = orjson.dumps({"code": self.code, "message": str(self)})
        return web.Response(status=self.status, body=body, content_type="application/json")


def _unknown_session() -> Refused:
    return Refused(1, "Session ID unknown")


@dataclass(slots=True)
class SocketIoEndpoint:
    """Accepts or refuses requests. Only `settings` changes, when the configuration is reloaded."""

    settings: Settings
    access: Access
    sign_in: SignIn
    origins: OriginCheck
    connections: Connections
    encodings: Encodings[SocketIoEncoding]
    context: Context
    host: Host
    wheel: Wheel[WebSocketConnection]
    polling: dict[str, SocketIoConnection] = field(default_factory=dict)
    """Connections that began with polls, by their session, until they end or have gone over to a WebSocket."""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request.

        Raises:
            ReplyError: a new connection is refused: `permission_denied` (origin), `invalid_command` (client id),
                `too_many_connections`, `invalid_token` or `conflict` (client id of another user).
        """
        try:
            return await self._serve(request)
        except Refused as refused:
            return refused.response

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        refusal = self.origins.refusal(request.headers, request.scheme, request.headers.get("Host", ""))
        if refusal is not None:
            raise ReplyError(ErrorCode.PERMISSION_DENIED, refusal)
        if query.get("EIO") != PROTOCOL:
            raise Refused(5, "Unsupported protocol version")
        transport, session = query.get("transport"), query.get("sid")
        if transport not in ("polling", "websocket"):
            raise Refused(0, "Transport unknown")
        if transport == "websocket":
            return self._over_websocket(request, session)
        if session is None:
            if request.method != "GET":
                raise Refused(2, "Bad handshake method")
            return self._opened(self._begin(request, polling=True))
        connection = self.polling.get(session)
        if connection is None or not connection.is_open or not connection.is_polling:
            raise _unknown_session()
        if request.method == "POST":
            return await self._posted(request, connection)
        if request.method != "GET":
            raise Refused(3, "Bad request")
        return await self._polled(connection)

    # Polls.

    async def _polled(self, connection: SocketIoConnection) -> web.Response:
        try:
            body = await connection.poll()
        except Overlapping:
            raise Refused(3, "Bad request") from None
        finally:
            self._forget_unless_polling(connection)
        return web.Response(body=body, headers=_PLAIN)

    async def _posted(self, request: web.Request, connection: SocketIoConnection) -> web.Response:
        body = await request.read()
        try:
            connection.take(body)
        except ValueError as error:
            connection.close(CloseCode.PROTOCOL_ERROR, str(error))
        self._forget_unless_polling(connection)
        if not connection.is_open and connection.close_code == CloseCode.PROTOCOL_ERROR:
            raise Refused(3, "Bad request")
        return web.Response(text="ok", headers={"Cache-Control": "no-store"}, content_type="text/html")

    def _opened(self, connection: SocketIoConnection) -> web.Response:
        self.polling[connection.session] = connection
        return web.Response(body=self._greeting(connection, upgrades=["websocket"]), headers=_PLAIN)

    def _forget_unless_polling(self, connection: SocketIoConnection) -> None:
        if not connection.is_open or not connection.is_polling:
            self.polling.pop(connection.session, None)

    # WebSockets.

    def _over_websocket(self, request: web.Request, session: str | None) -> web.StreamResponse:
        if request.method != "GET":
            raise Refused(2, "Bad handshake method")
        connection = None
        if session is not None:
            connection = self.polling.get(session)
            if connection is None or not connection.is_open or connection.has_candidate:
                raise _unknown_session()
        try:
            compression = self.settings.websocket.compression and connection is None
            handshake = shake_hands(request, compression=compression, subprotocols=())
        except HandshakeRefused as refused:
            error = ReplyError(ErrorCode.INVALID_COMMAND, str(refused))
            return error_response(error, refused.status, refused.headers)
        if connection is not None:
            return hand_over(request, handshake, connection)
        connection = self._make(request, handshake.window_bits, polling=False)
        connection.extend(handshake.extensions)
        response: web.StreamResponse = hand_over(request, handshake, connection)
        if connection.is_connected:
            self._enter(connection)
            encoding = self.encodings.get(handshake.window_bits)
            connection.send(encoding.frame(self._greeting(connection, upgrades=[])))
        else:
            response = HandedOver()
        return response

    # Both.

    def _begin(self, request: web.Request, *, polling: bool) -> SocketIoConnection:
        connection = self._make(request, 0, polling=polling)
        self._enter(connection)
        return connection

    def _make(self, request: web.Request, window_bits: int, *, polling: bool) -> SocketIoConnection:
        address = self.access.address(request)
        self.connections.check_room(address)
        client_id = client_id_of(request)
        standing = self._principal(request, client_id)
        if standing is not None:
            self.connections.check_owner(client_id, standing.user)
        connection = SocketIoConnection(
            self.host,
            client_id,
            f"s-{secrets.token_hex(8)}",
            self.encodings.get(window_bits),
            self.settings.limits.queued_bytes,
            polling=polling,
            address=address,
        )
        connection.receiver = SocketIoSession(self.context, connection, standing, self._channels)
        return connection

    def _enter(self, connection: SocketIoConnection) -> None:
        self.connections.add(connection)
        self.wheel.check(connection)

    def _channels(self, principal: Principal) -> tuple[str, ...]:
        visible = set(self.context.engine.policy.visible_to(principal))
        return tuple(channel for channel in self.settings.socketio.channels if channel in visible)

    def _greeting(self, connection: SocketIoConnection, upgrades: list[str]) -> bytes:
        every = round(self.settings.websocket.heartbeat * 1000)
        return b"0" + orjson.dumps(
            {
                "sid": connection.session,
                "upgrades": upgrades,
                "pingInterval": every or _NEVER,
                "pingTimeout": every or _NEVER,
                "maxPayload": self.settings.limits.message_bytes,
            }
        )

    def _principal(self, request: web.Request, client_id: str) -> Principal | None:
        found = token_from(request.headers)
        if found is not None:
            return self.access.authenticator.authenticate(found.token)
        return self.sign_in.cookie(request) or self.access.authenticator.principal_without_token(client_id)


_NEVER: Final = 2**31 - 1
"""Milliseconds in place of a heartbeat that is off; JavaScript's timers know no longer time."""

"""`/socket.io/`: from HTTP requests to Socket.IO connections, by polls and by WebSocket."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Final, cast

import orjson
from aiohttp import web

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.auth import token_from
from hub.closing import CloseCode
from hub.configuration.adapter_channels import greeted_with
from hub.connections import Connections
from hub.encoding import Encodings
from hub.http.access import Access
from hub.http.errors import error_response
from hub.http.middleware import WAITED
from hub.http.sign_in import SignIn
from hub.http.user_agent import user_agent_of
from hub.http.websocket import client_id_of
from hub.options import Settings
from hub.origin import OriginCheck
from hub.session import Context
from hub.socketio.closing import Closing
from hub.socketio.connection import SocketIoConnection
from hub.socketio.encoding import SocketIoEncoding
from hub.socketio.neighbours import Neighbours, Unreachable
from hub.socketio.posts import Overlapping
from hub.socketio.session import SocketIoSession
from hub.transports.handover import HandshakeRefused, hand_over, shake_hands
from hub.transports.websocket import Host, WebSocketConnection
from hub.wheel import Wheel

PROTOCOL: Final = "4"
"""The version of Engine.IO."""

_is_time = re.compile(r"[0-9.]*", re.ASCII).fullmatch

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


def _attempt(request: web.BaseRequest) -> str:
    """Return what a client made up for this request alone, "" where that isn't sure.

    `socket.io-client` writes letters and figures. Clients of other languages write the time, some in whole seconds:
    then two requests may have the same, and neither is the other sent again.
    """
    said = request.query.get("t", "")
    return "" if _is_time(said) else said


def _unknown_session() -> Refused:
    return Refused(1, "Session ID unknown")


def _no_upgrade(refused: HandshakeRefused) -> web.Response:
    return error_response(ReplyError(ErrorCode.INVALID_COMMAND, str(refused)), refused.status, refused.headers)


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
    neighbours: Neighbours = field(init=False)
    polling: dict[str, SocketIoConnection] = field(default_factory=dict)
    """Connections that began with polls, by Engine.IO's id, until they end."""

    def __post_init__(self) -> None:
        alone, limit = not self.settings.redis.url, self.settings.limits.message_bytes
        self.neighbours = Neighbours(self._of_neighbour, self.context.spawn, alone=alone, limit=limit)

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
        transport, sid = query.get("transport"), query.get("sid")
        if transport not in ("polling", "websocket"):
            raise Refused(0, "Transport unknown")
        if sid is None:
            if request.method != "GET":
                raise Refused(2, "Bad handshake method")
            return self._by_websocket(request) if transport == "websocket" else self._by_polls(request)
        if sid not in self.polling and self.neighbours.has(sid):
            try:
                return await self.neighbours.give(request, sid)
            except Unreachable:
                raise _unknown_session() from None
        return await self._in_session(request, sid)

    async def _of_neighbour(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request that another process has checked."""
        try:
            return await self._in_session(request, request.query.get("sid", ""))
        except Refused as refused:
            return refused.response

    async def _in_session(self, request: web.BaseRequest, sid: str) -> web.StreamResponse:
        connection = self.polling.get(sid)
        if connection is None:
            raise _unknown_session()
        if request.query.get("transport") == "websocket":
            return self._upgraded(request, connection)
        if not connection.has_words:
            raise _unknown_session()
        if request.method == "GET":
            return await self._polled(request, connection)
        if request.method == "POST":
            return await self._posted(request, connection)
        raise Refused(3, "Bad request")

    # Polls.

    def _by_polls(self, request: web.Request) -> web.Response:
        connection = self._make(request, 0, self.neighbours.sid())
        self.neighbours.open(request)
        self._enter(connection)
        self.polling[connection.sid] = connection
        return web.Response(body=self._greeting(connection, upgrades=["websocket"]), headers=_PLAIN)

    def _forget(self, sid: str) -> None:
        self.polling.pop(sid, None)

    async def _polled(self, request: web.BaseRequest, connection: SocketIoConnection) -> web.Response:
        began = self.host.clock()
        try:
            body = await connection.poll(lambda: request.transport is not None, _attempt(request))
        except Overlapping:
            raise Refused(3, "Bad request") from None
        finally:
            request[WAITED] = self.host.clock() - began
        if not connection.is_open:
            self._forget(connection.sid)
        return web.Response(body=body, headers=_PLAIN)

    async def _posted(self, request: web.BaseRequest, connection: SocketIoConnection) -> web.Response:
        attempt = _attempt(request)
        try:
            with connection.posts.turn(attempt):
                connection.take(await request.read(), attempt)
                await connection.posts.room()
        except Overlapping:
            connection.close(CloseCode.PROTOCOL_ERROR, "two posts at once")
        except ValueError as error:
            connection.close(CloseCode.PROTOCOL_ERROR, str(error))
        if not connection.is_open and connection.close_code == CloseCode.PROTOCOL_ERROR:
            raise Refused(3, "Bad request")
        return web.Response(text="ok", headers={"Cache-Control": "no-store"}, content_type="text/html")

    # WebSockets.

    def _by_websocket(self, request: web.Request) -> web.StreamResponse:
        try:
            handshake = shake_hands(request, compression=self.settings.websocket.compression, subprotocols=())
        except HandshakeRefused as refused:
            return _no_upgrade(refused)
        connection = self._make(request, handshake.window_bits, "")
        connection.extend(handshake.extensions)
        response = hand_over(request, handshake, connection)
        if connection.is_connected:
            self._enter(connection)
            encoding = self.encodings.get(handshake.window_bits)
            connection.send(encoding.frame(self._greeting(connection, upgrades=[])))
        return response

    def _upgraded(self, request: web.BaseRequest, connection: SocketIoConnection) -> web.StreamResponse:
        if request.method != "GET":
            raise Refused(2, "Bad handshake method")
        try:
            handshake = shake_hands(request, compression=False, subprotocols=())
        except HandshakeRefused as refused:
            return _no_upgrade(refused)
        # As the protocol wants it, a WebSocket too many is opened, and closed.
        protocol = connection if connection.may_upgrade else Closing()
        return hand_over(cast(web.Request, request), handshake, protocol)  # needs only the request's socket

    # Both.

    def _make(self, request: web.Request, window_bits: int, sid: str) -> SocketIoConnection:
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
            sid=sid,
            forget=self._forget,
            address=address,
        )
        connection.user_agent = user_agent_of(request)
        connection.receiver = SocketIoSession(self.context, connection, standing, self._channels)
        return connection

    def _enter(self, connection: SocketIoConnection) -> None:
        self.connections.add(connection)
        self.wheel.check(connection)

    def _channels(self, principal: Principal) -> tuple[str, ...]:
        visible = set(self.context.engine.policy.visible_to(principal))
        wanted = greeted_with(self.settings, self.settings.socketio.channels)
        return tuple(channel for channel in wanted if channel in visible)

    def _greeting(self, connection: SocketIoConnection, upgrades: list[str]) -> bytes:
        every = round(self.settings.websocket.heartbeat * 1000)
        return b"0" + orjson.dumps(
            {
                "sid": connection.sid or connection.session,
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

"""`GET /ws`: from an HTTP request to a live connection."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from aiohttp import web

from channels.errors import ErrorCode, ReplyError
from channels.model import NAME_MAX, is_name
from channels.policy import Principal
from hub.auth import SUBPROTOCOL, token_from
from hub.configuration.adapter_channels import greeted_with
from hub.connections import Connections
from hub.encoding import Encoding, Encodings
from hub.http.access import Access
from hub.http.errors import error_response
from hub.http.sign_in import SignIn
from hub.http.user_agent import user_agent_of
from hub.options import Settings
from hub.origin import OriginCheck
from hub.session import Context, Session
from hub.transports.handover import HandshakeRefused, hand_over, shake_hands
from hub.transports.websocket import Host, WebSocketConnection
from hub.wheel import Wheel


@dataclass(slots=True)
class WebSocketEndpoint:
    """Accepts or refuses upgrades. Only `settings` changes, when the configuration is reloaded."""

    settings: Settings
    access: Access
    sign_in: SignIn
    origins: OriginCheck
    connections: Connections
    encodings: Encodings[Encoding]
    context: Context
    host: Host
    wheel: Wheel[WebSocketConnection]

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one client.

        Raises:
            ReplyError: the upgrade is refused: `permission_denied` (origin), `invalid_command` (client id,
                channels), `too_many_subscriptions`, `too_many_connections`, `invalid_token` or `conflict` (client id
                of another user).
        """
        address = self.access.address(request)
        refusal = self.origins.refusal(request.headers, request.scheme, request.headers.get("Host", ""))
        if refusal is not None:
            raise ReplyError(ErrorCode.PERMISSION_DENIED, refusal)
        self.connections.check_room(address)
        client_id = client_id_of(request)
        asked = channels_of(request, self.settings.limits.subscriptions)
        principal = self._principal(request, client_id)
        if principal is not None:
            self.connections.check_owner(client_id, principal.user)
        options = self.settings.websocket
        try:
            handshake = shake_hands(request, compression=options.compression, subprotocols=(SUBPROTOCOL,))
        except HandshakeRefused as refused:
            error = ReplyError(ErrorCode.INVALID_COMMAND, str(refused))
            return error_response(error, refused.status, refused.headers)
        connection = WebSocketConnection(
            self.host,
            client_id,
            f"s-{secrets.token_hex(8)}",
            self.encodings.get(handshake.window_bits),
            self.settings.limits.queued_bytes,
            address=address,
            extensions=handshake.extensions,
        )
        connection.user_agent = user_agent_of(request)
        greeted = greeted_with(self.settings, self.settings.websocket.channels)
        session = Session(self.context, connection, principal, greeted if asked is None else asked, asked is not None)
        connection.receiver = session
        response = hand_over(request, handshake, connection)
        if connection.is_connected:
            self.connections.add(connection)
            if principal is not None:
                self.connections.claim(connection.session, principal.user)
            session.open()
            self.wheel.check(connection)
        return response

    def _principal(self, request: web.Request, client_id: str) -> Principal | None:
        found = token_from(request.headers)
        if found is not None:
            return self.access.authenticator.authenticate(found.token)
        return self.sign_in.cookie(request) or self.access.authenticator.principal_without_token(client_id)


def client_id_of(request: web.Request) -> str:
    """Return the client id that a request names, or a new one.

    Raises:
        ReplyError: `invalid_command`.
    """
    values = request.query.getall("client_id", [])
    if not values:
        return f"c-{secrets.token_hex(8)}"
    if len(values) > 1 or not is_name(values[0]):
        message = f"client_id: expected one name of 1 to {NAME_MAX} characters out of A-Z a-z 0-9 . _ : @ -"
        raise ReplyError(ErrorCode.INVALID_COMMAND, message)
    return values[0]


def channels_of(request: web.Request, most: int) -> tuple[str, ...] | None:
    """Return the channels that a request names, parted by commas; `None` when it leaves that to the hub.

    Raises:
        ReplyError: `invalid_command`, or `too_many_subscriptions`.
    """
    values = request.query.getall("channels", [])
    if not values:
        return None
    names = tuple(dict.fromkeys(name for value in values for name in value.split(",") if name))
    if wrong := next((name for name in names if not is_name(name)), None):
        message = f"channels: expected names of channels, parted by commas; got {wrong[:NAME_MAX]!r}"
        raise ReplyError(ErrorCode.INVALID_COMMAND, message)
    if len(names) > most:
        message = f"a connection may be on {most} channels (limits.subscriptions), not {len(names)}"
        raise ReplyError(ErrorCode.TOO_MANY_SUBSCRIPTIONS, message, limit=most)
    return names

"""Connections over HTTP, for operators: list, disconnect, send to one, revoke."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import cast

from channels.errors import ErrorCode, ReplyError
from hub.closing import CloseCode
from hub.http.api.answers import ConnectionList, ConnectionState, Disconnected, Sent
from hub.http.api.bodies import ConnectionsQuery, DisconnectBody, RevokeBody, SendBody
from hub.http.api.endpoint import Call, Hub
from hub.transports.websocket import WebSocketConnection

_REASON = "disconnected by an operator"


async def list_connections(hub: Hub, call: Call[None, ConnectionsQuery]) -> ConnectionList:
    """List connections, a page at a time."""
    query = call.query
    found = [
        connection
        for connection in _candidates(hub, query)
        if query.user in (None, connection.principal.user) and query.client_id in (None, connection.client_id)
    ]
    now = asyncio.get_running_loop().time()
    page = found[query.offset : query.offset + query.limit]
    return ConnectionList(connections=[_state(hub, connection, now) for connection in page], total=len(found))


def _candidates(hub: Hub, query: ConnectionsQuery) -> Iterable[WebSocketConnection]:
    if query.channel is not None:
        roster = hub.engine.registry.roster(query.channel)
        return cast(Iterable[WebSocketConnection], (*roster.prompt, *roster.throttled))
    if query.client_id is not None:
        return hub.connections.of_client(query.client_id)
    return hub.connections


def _state(hub: Hub, connection: WebSocketConnection, now: float) -> ConnectionState:
    return ConnectionState(
        client_id=connection.client_id,
        session=connection.session,
        user=connection.principal.user,
        address=connection.address,
        channels=list(hub.engine.registry.channels_of(connection)),
        opened=round(max(0.0, now - connection.opened), 3),
        queued_bytes=connection.queued_bytes,
        slow=connection.is_slow,
    )


async def delete_connection(hub: Hub, call: Call[None, None]) -> Disconnected:
    """Disconnect one connection; its client may come back."""
    session = call.named("session")
    connection = hub.connections.of_session(session)
    if connection is None:
        raise ReplyError(ErrorCode.NOT_FOUND, f"no connection has the session {session[:128]}")
    return await _disconnect(hub, (connection,), CloseCode.DISCONNECTED)


async def disconnect(hub: Hub, call: Call[DisconnectBody, None]) -> Disconnected:
    """Disconnect all connections of a client, a user or a session."""
    body = call.body
    found: Iterable[WebSocketConnection | None]
    if body.client_id is not None:
        found = hub.connections.of_client(body.client_id)
    elif body.user is not None:
        found = hub.connections.of_user(body.user)
    else:
        found = (hub.connections.of_session(body.session or ""),)
    connections = [connection for connection in found if connection is not None]
    return await _disconnect(hub, connections, CloseCode.BANNED if body.ban else CloseCode.DISCONNECTED)


async def _disconnect(hub: Hub, connections: Iterable[WebSocketConnection], code: CloseCode) -> Disconnected:
    live = [connection for connection in connections if connection.is_open]
    for connection in live:
        await hub.manager.disconnect(connection, code, _REASON)
    return Disconnected(disconnected=len(live))


async def send(hub: Hub, call: Call[SendBody, None]) -> Sent:
    """Send a message to one client, on all its connections."""
    body = call.body
    count = await hub.manager.send_to_client(body.client_id, {"type": body.type, "data": body.data})
    if not count:
        raise ReplyError(ErrorCode.NOT_FOUND, f"no connection has the client id {body.client_id[:128]}")
    return Sent(connections=count)


async def revoke(hub: Hub, call: Call[RevokeBody, None]) -> None:
    """Refuse a token, or all tokens of a user, from now on, and close the connections that came with them."""
    if call.body.token_id is not None:
        await hub.revocations.revoke_token(call.body.token_id)
    else:
        await hub.revocations.revoke_user(call.body.user or "")

"""Connections over HTTP, for operators: list, disconnect, send to one, revoke. In all processes of the hub."""

from __future__ import annotations

from channels.clock import iso
from channels.errors import ErrorCode, ReplyError
from hub.closing import CloseCode
from hub.control import By, Tally
from hub.http.api.answers import ConnectionList, ConnectionState, Disconnected, Sent, whole_or_not
from hub.http.api.bodies import ConnectionsQuery, DisconnectBody, RevokeBody, SendBody
from hub.http.api.endpoint import Call, Hub
from hub.listing import Filter, Order


async def list_connections(hub: Hub, call: Call[None, ConnectionsQuery]) -> ConnectionList:
    """List connections, a page at a time."""
    query = call.query
    wanted = Filter(query.user, query.client_id, query.channel, query.search)
    descending = query.sort != "opened" if query.order is None else query.order == "desc"
    page = await hub.across.listing.page(wanted, Order(query.sort, descending), query.offset, query.limit)
    connections = [ConnectionState(**state) for state in page.connections]
    return ConnectionList(connections=connections, total=page.total, **whole_or_not(page))


async def delete_connection(hub: Hub, call: Call[None, None]) -> Disconnected:
    """Disconnect one connection; its client may come back."""
    session = call.named("session")
    tally = await hub.across.control.disconnect("session", session, CloseCode.DISCONNECTED)
    _require_one(tally, f"no connection has the session {session[:128]}")
    return Disconnected(disconnected=tally.number)


async def disconnect(hub: Hub, call: Call[DisconnectBody, None]) -> Disconnected:
    """Disconnect all connections of a client, a user or a session."""
    body = call.body
    by: By = "client_id" if body.client_id is not None else "user" if body.user is not None else "session"
    value = body.client_id or body.user or body.session or ""
    code = CloseCode.BANNED if body.ban else CloseCode.DISCONNECTED
    tally = await hub.across.control.disconnect(by, value, code)
    return Disconnected(disconnected=tally.number, **whole_or_not(tally))


async def send(hub: Hub, call: Call[SendBody, None]) -> Sent:
    """Send a message to one client, on all its connections."""
    body = call.body
    message = {"type": body.type, "data": body.data, "timestamp": iso(hub.clock.now())}
    tally = await hub.across.control.send(body.client_id, message)
    _require_one(tally, f"no connection has the client id {body.client_id[:128]}")
    return Sent(connections=tally.number, **whole_or_not(tally))


def _require_one(tally: Tally, refusal: str) -> None:
    if tally.number:
        return
    if tally.partial:
        missing = ", ".join(tally.missing) or "some"
        message = f"{refusal} in the processes that answered; these did not: {missing}"
        raise ReplyError(ErrorCode.UNAVAILABLE, message)
    raise ReplyError(ErrorCode.NOT_FOUND, refusal)


async def revoke(hub: Hub, call: Call[RevokeBody, None]) -> None:
    """Refuse a token, or all tokens of a user, from now on, and close the connections that came with them."""
    if call.body.token_id is not None:
        await hub.revocations.revoke_token(call.body.token_id)
    else:
        await hub.revocations.revoke_user(call.body.user or "")

"""How browsers sign in: tickets for event streams, and the session cookie."""

from __future__ import annotations

from channels.policy import Operation
from hub.http.api.answers import Ticket
from hub.http.api.bodies import TicketBody
from hub.http.api.endpoint import Call, Cookie, Hub


async def make_ticket(hub: Hub, call: Call[TicketBody, None]) -> Ticket:
    """Make a ticket out of the token in the header: it opens one stream, within seconds, as the same user."""
    channels = call.body.channels
    for channel in channels or ():
        await hub.engine.gate.require(call.caller, Operation.SUBSCRIBE, channel=channel)
    ticket, seconds = hub.sign_in.tickets.ticket(call.caller, channels, call.body.lifetime)
    return Ticket(ticket=ticket, expires_in=seconds)


async def open_session(hub: Hub, call: Call[None, None]) -> Cookie:
    """Set a cookie out of the token in the header. `/events` and the WebSocket take it until the token ends."""
    value, seconds = hub.sign_in.tickets.session(call.caller)
    return Cookie(hub.sign_in.options.cookie, value, seconds)


async def close_session(hub: Hub, _call: Call[None, None]) -> Cookie:
    """Remove the cookie. Streams that are open stay; revoking the token ends them."""
    return Cookie(hub.sign_in.options.cookie, "", 0)

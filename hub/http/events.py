"""`GET /events`: from an HTTP request to a stream of what is published, as Server-Sent Events or as JSON lines.

Everything that may be refused is refused before the answer begins, in the shape of every HTTP error. So a stream is on
all its channels before its socket changes hands: it is a subscriber like any other, whose transport comes last.
"""

from __future__ import annotations

import random
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Final

from aiohttp import web

from channels.clock import iso
from channels.errors import ErrorCode, ReplyError
from channels.model import NAME_MAX, Position, is_name
from channels.policy import Principal
from hub.connections import Connections
from hub.dialects.stream import StreamFormat
from hub.fanout import Fanout
from hub.http.access import Access
from hub.http.api.cors import as_sent
from hub.http.errors import error_response
from hub.http.negotiation import preferred
from hub.http.sign_in import LONG_LIVED, SignIn, set_cookie
from hub.http.user_agent import user_agent_of
from hub.origin import OriginCheck
from hub.positions import read_positions
from hub.session import Context
from hub.tickets import Pass
from hub.transports.handover import take_over
from hub.transports.stream import StreamConnection, StreamHost
from hub.welcome import standing
from hub.wheel import Wheel
from hub.wire import Since, Subscribe

PATH: Final = "/events"

LAST_EVENT_ID: Final = "Last-Event-ID"

_PARAMETERS: Final = ("channels", "client_id", "events", "since", "ticket")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for."""

    channels: tuple[str, ...]
    since: Mapping[str, Position]
    client_id: str
    typed: bool

    @classmethod
    def read(cls, request: web.BaseRequest, most: int) -> Asked:
        """Read a request.

        Args:
            most: channels that one connection may be on.

        Raises:
            ReplyError: `invalid_command` or `too_many_subscriptions`.
        """
        query = request.query
        for name in query:
            if name in LONG_LIVED:
                message = f"{name}: expected no token in the URL, where logs and histories keep it; use the header "
                message += "Authorization, a ticket (POST /api/tickets) or a cookie (POST /api/session)"
                raise ReplyError(ErrorCode.INVALID_COMMAND, message)
            if name not in _PARAMETERS or len(query.getall(name)) > 1:
                known = ", ".join(_PARAMETERS)
                raise ReplyError(ErrorCode.INVALID_COMMAND, f"expected of {known} each at most once, got {name[:64]!r}")
        channels = _channels(query.get("channels", ""), most)
        typed = query.get("events", "plain")
        if typed not in ("plain", "typed"):
            raise ReplyError(ErrorCode.INVALID_COMMAND, "events: expected plain or typed")
        # A browser that comes back to its URL has seen more than the URL says.
        resumed = request.headers.get(LAST_EVENT_ID, "")
        where = LAST_EVENT_ID if resumed else "since"
        since = read_positions(resumed or query.get("since", ""), channels, where)
        return cls(channels, since, _client_id(query.get("client_id")), typed == "typed")


def _channels(text: str, most: int) -> tuple[str, ...]:
    channels = tuple(text.split(",")) if text else ()
    if not channels or "" in channels or len(set(channels)) != len(channels):
        message = "channels: expected names of channels, joined by commas, each once"
        raise ReplyError(ErrorCode.INVALID_COMMAND, message)
    if len(channels) > most:
        message = f"a connection may be on {most} channels (limits.subscriptions), not {len(channels)}"
        raise ReplyError(ErrorCode.TOO_MANY_SUBSCRIPTIONS, message, limit=most)
    return channels


def _client_id(text: str | None) -> str:
    if text is None:
        return f"c-{secrets.token_hex(8)}"
    if not is_name(text):
        message = f"client_id: expected one name of 1 to {NAME_MAX} characters out of A-Z a-z 0-9 . _ : @ -"
        raise ReplyError(ErrorCode.INVALID_COMMAND, message)
    return text


@dataclass(frozen=True, slots=True)
class EventsEndpoint:
    """Accepts or refuses streams.

    Args:
        formats: the first one is for clients that don't care.
        choose: a random number from 0 to 1, for when a browser is to come back.
    """

    context: Context
    access: Access
    sign_in: SignIn
    origins: OriginCheck
    connections: Connections
    fanout: Fanout
    formats: tuple[StreamFormat, ...]
    host: StreamHost
    wheel: Wheel[StreamConnection]
    choose: Callable[[], float] = field(default=random.random)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one client.

        Raises:
            ReplyError: the stream is refused: `permission_denied` (origin, or a channel), `invalid_command`,
                `too_many_connections`, `too_many_subscriptions`, `unauthenticated`, `invalid_token`, `unknown_channel`,
                `conflict` (client id of another user) or `unavailable`.
        """
        address = self.access.address(request)
        refusal = self.origins.refusal(request.headers, request.scheme, request.headers.get("Host", ""))
        if refusal is not None:
            raise ReplyError(ErrorCode.PERMISSION_DENIED, refusal)
        settings = self.context.settings
        asked = Asked.read(request, settings.limits.subscriptions)
        media = preferred(",".join(request.headers.getall("Accept", [])), [each.media for each in self.formats])
        if media is None:
            offered = " or ".join(each.media for each in self.formats)
            return error_response(ReplyError(ErrorCode.INVALID_COMMAND, f"expected Accept: {offered}"), 406)
        self.connections.check_room(address)
        found, cookie = await self.sign_in.stream(request, asked.client_id)
        format = next(each for each in self.formats if each.media == media)
        stream = StreamConnection(
            self.host,
            asked.client_id,
            f"s-{secrets.token_hex(8)}",
            format.open(asked.channels, asked.since, asked.typed),
            settings.limits.queued_bytes,
            address=address,
        )
        stream.principal = found.principal
        stream.user_agent = user_agent_of(request)
        try:
            await self._enter(stream, asked, found)
            self._check_again(stream)
        except BaseException:
            stream.disconnect()
            self.context.engine.leave(stream)
            raise
        headers = {}
        if cookie is not None:
            headers["Set-Cookie"] = set_cookie(
                request, settings.events, cookie.name, cookie.value, PATH, cookie.seconds
            )
        return self._hand_over(request, stream, headers)

    async def _enter(self, stream: StreamConnection, asked: Asked, found: Pass) -> None:
        """Subscribe to everything. What is sent meanwhile waits in the stream."""
        options = self.context.settings.events
        stream.send(stream.encoding.preamble(options.retry * (0.5 + self.choose())))
        stream.tell(self._welcome(stream, asked, found.principal))
        for channel in asked.channels:
            if found.channels is not None and channel not in found.channels:
                message = f"the ticket was not made for {channel[:NAME_MAX]}"
                raise ReplyError(ErrorCode.PERMISSION_DENIED, message, channel=channel[:NAME_MAX])
            since = asked.since.get(channel)
            seen = None if since is None else Since(epoch=since.epoch, offset=since.offset)
            command = Subscribe(action="subscribe", channel=channel, since=seen)
            await self.context.commands.run(command, stream)

    def _welcome(self, stream: StreamConnection, asked: Asked, principal: Principal) -> dict[str, Any]:
        now = self.context.clock.now()
        return {
            "type": "connection",
            "status": "connected",
            "client_id": stream.client_id,
            "session": stream.session,
            "user": principal.user,
            "timestamp": iso(now),
            "protocol": 1,
            "channels": list(asked.channels),
            "heartbeat": self.context.settings.events.heartbeat,
            **standing(principal, now),
        }

    def _check_again(self, stream: StreamConnection) -> None:
        """Refuse what came about while the stream was being put on its channels, and nobody could close it yet."""
        if not stream.is_open:
            message = "more was published meanwhile than limits.queued_bytes; try again"
            raise ReplyError(ErrorCode.UNAVAILABLE, message, retry_after=1)
        self.connections.check_room(stream.address)
        self.connections.check_owner(stream.client_id, stream.principal.user)
        self.sign_in.tickets.check(stream.principal)

    def _hand_over(
        self, request: web.Request, stream: StreamConnection, headers: Mapping[str, str]
    ) -> web.StreamResponse:
        # From here on nothing awaits. What was delivered so far is encoded before the stream shares an encoding.
        self.fanout.flush()
        if (notice := self.context.standing()) is not None:
            stream.tell(dict(notice))
        media = stream.encoding.media
        stream.encoding = stream.encoding.settled()
        _give_up_dead_links(request, self.context.settings.events.heartbeat)
        response = take_over(request, self._head(request, media, headers), stream)
        if stream.is_connected:
            self.connections.add(stream)
            self.connections.claim(stream.session, stream.principal.user)
            self.wheel.check(stream)
        else:
            stream.disconnect()
            self.context.engine.leave(stream)
        return response

    def _head(self, request: web.Request, media: str, more: Mapping[str, str]) -> bytes:
        headers = {
            "Content-Type": media,
            "Cache-Control": "no-store, no-transform",
            "Connection": "close",
            "Date": formatdate(self.context.clock.now(), usegmt=True),
            "Vary": "Accept, Origin",
            "X-Accel-Buffering": "no",
            "X-Content-Type-Options": "nosniff",
            **self._cors(request),
            **more,
        }
        lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        return "\r\n".join(lines).encode("latin-1")

    def _cors(self, request: web.Request) -> dict[str, str]:
        """Let a page of `server.origins` read the stream: aiohttp's own way is closed, since it doesn't answer."""
        origin = request.headers.get("Origin")
        if origin is None or origin not in map(as_sent, self.context.settings.server.origins):
            return {}
        return {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}


def _give_up_dead_links(request: web.BaseRequest, heartbeat: float) -> None:
    """Have the kernel end the connection when nobody acknowledges what was sent for two heartbeats (RFC 5482).

    Otherwise it tries for about 15 minutes. Where it can't be told, it does.
    """
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    transport = request.transport
    found = None if transport is None else transport.get_extra_info("socket")
    if option is not None and found is not None and heartbeat:
        try:
            found.setsockopt(socket.IPPROTO_TCP, option, int(2000 * heartbeat))
        except OSError:  # no TCP socket, or closed already
            pass

"""`GET /events`: from an HTTP request to a stream of what is published, as Server-Sent Events or as JSON lines."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from channels.clock import iso
from channels.errors import ErrorCode, ReplyError
from channels.model import NAME_MAX, Position, is_name
from channels.policy import Principal
from hub.dialects.stream import StreamFormat
from hub.http.errors import error_response
from hub.http.negotiation import preferred
from hub.http.sign_in import LONG_LIVED
from hub.http.stream_door import StreamDoor
from hub.positions import read_positions
from hub.tickets import Pass
from hub.transports.stream import StreamConnection
from hub.welcome import standing
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
    """Accepts or refuses streams of channels.

    Args:
        formats: the first one is for clients that don't care.
    """

    door: StreamDoor
    formats: tuple[StreamFormat, ...]

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one client.

        Raises:
            ReplyError: the stream is refused: `permission_denied` (origin, or a channel), `invalid_command`,
                `too_many_connections`, `too_many_subscriptions`, `unauthenticated`, `invalid_token`, `unknown_channel`,
                `conflict` (client id of another user) or `unavailable`.
        """
        address = self.door.admit(request)
        asked = Asked.read(request, self.door.context.settings.limits.subscriptions)
        media = preferred(",".join(request.headers.getall("Accept", [])), [each.media for each in self.formats])
        if media is None:
            offered = " or ".join(each.media for each in self.formats)
            return error_response(ReplyError(ErrorCode.INVALID_COMMAND, f"expected Accept: {offered}"), 406)
        found, cookie = await self.door.sign_in.stream(request, asked.client_id)
        format = next(each for each in self.formats if each.media == media)
        encoding = format.open(asked.channels, asked.since, asked.typed)
        with self.door.opening(request, address, asked.client_id, encoding, found.principal) as stream:
            await self._enter(stream, asked, found)
            self.door.check_again(stream)
        return self.door.hand_over(request, stream, cookie, PATH)

    async def _enter(self, stream: StreamConnection, asked: Asked, found: Pass) -> None:
        """Subscribe to everything. What is sent meanwhile waits in the stream."""
        stream.tell(self._welcome(stream, asked, found.principal))
        for channel in asked.channels:
            if found.channels is not None and channel not in found.channels:
                message = f"the ticket was not made for {channel[:NAME_MAX]}"
                raise ReplyError(ErrorCode.PERMISSION_DENIED, message, channel=channel[:NAME_MAX])
            since = asked.since.get(channel)
            seen = None if since is None else Since(epoch=since.epoch, offset=since.offset)
            command = Subscribe(action="subscribe", channel=channel, since=seen)
            await self.door.context.commands.run(command, stream)

    def _welcome(self, stream: StreamConnection, asked: Asked, principal: Principal) -> dict[str, Any]:
        context = self.door.context
        now = context.clock.now()
        return {
            "type": "connection",
            "status": "connected",
            "client_id": stream.client_id,
            "session": stream.session,
            "user": principal.user,
            "timestamp": iso(now),
            "protocol": 1,
            "channels": list(asked.channels),
            "heartbeat": context.settings.events.heartbeat,
            **standing(principal, now),
        }

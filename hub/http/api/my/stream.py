"""`GET /my/sse/{session_id}`: a chat session as it goes on, as JSON lines or Server-Sent Events.

A stream is on the session's channel first, and holds what arrives. Then it reads what its client missed, or a snapshot,
as of one number of the log; makes sure that the channel has everything up to there; and goes on with what was held and
is newer. So nothing is lost and nothing comes twice, whoever writes meanwhile.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import orjson
from aiohttp import web
from pydantic import AwareDatetime, Field

from channels.clock import iso
from channels.errors import ErrorCode, ReplyError
from hub.adapters.agents.channel import channel_of
from hub.adapters.agents.ids import missing
from hub.closing import CloseCode
from hub.dialects.session import FORMS, Form, SessionEncoding
from hub.http.api.bodies import Query
from hub.http.api.endpoint import Call, Endpoint, Hub, Who
from hub.http.api.my.allowance import count
from hub.http.api.my.member import id_of, parts_of
from hub.http.api.my.sessions import Seq
from hub.http.errors import problem_response
from hub.http.events import LAST_EVENT_ID
from hub.http.negotiation import preferred
from hub.tickets import Pass, StreamCookie

if TYPE_CHECKING:
    from agents.sessions.replay import Start
    from agents.store.scope import Scope
    from hub.adapters.agents.chat import Chat

REACH: Final = 1.0
"""Seconds that a stream waits until the channel has what it has read itself. Without that it isn't wrong, only alone
with its encoding."""

_PATH: Final = "/my/sse/{session_id}"
_COOKIES: Final = "/my/sse"
_YEARS: Final = range(1970, 9000)

_is_number = re.compile(r"[0-9]{1,18}", re.ASCII).fullmatch


class StreamQuery(Query):
    """Where a stream begins. Without a position, and without the header Last-Event-ID, with a snapshot."""

    after: Seq | None = Field(None, description="events after the one with this number; 0: all")
    since: AwareDatetime | None = Field(None, description="events from this time on: ISO 8601 with a time zone")
    ticket: Annotated[str, Field(max_length=4096)] | None = Field(
        None, description="from POST /api/tickets, where no header can be sent"
    )


async def follow_session(hub: Hub, call: Call[None, StreamQuery]) -> web.StreamResponse:
    """Follow a chat session.

    Each line, or event, is `{"type", "channel", "data": {"seq", ...}, "timestamp"}`. Numbers rise by one. The stream
    begins with a `SNAPSHOT`, or with what its client missed; where that can't be had, with a `gap` and a `SNAPSHOT`.
    """
    request, chat, door = call.request, parts_of(hub).chat, hub.streams.door
    address = door.admit(request)
    session_id = id_of(call, "session_id", "session")
    after = _position(call)
    form = _form(request)
    if form is None:
        offered = " or ".join(each.media for each in FORMS)
        error = ReplyError(ErrorCode.INVALID_COMMAND, f"expected Accept: {offered}")
        return problem_response(error, hub.clock.now(), 406)
    client_id = f"c-{secrets.token_hex(8)}"
    found, cookie = await _sign_in(hub, request, client_id)
    scope = await _owner(hub, found, session_id)
    if request.method == "HEAD":
        return web.Response(headers={"Content-Type": form.media, "Cache-Control": "no-store"})
    encoding = SessionEncoding(channel_of(session_id), form, chat.encodings, lambda broken: _end(hub, broken))
    with door.opening(request, address, client_id, encoding, found.principal) as stream:
        stream.lasts = True  # a chat may rest for hours; its client isn't gone for that
        await hub.engine.subscribe(stream, encoding.channel)
        beginning, seq = await _beginning(hub, chat, scope, session_id, encoding, after, call.query)
        door.check_again(stream)
        # From here on nothing awaits: what was delivered until now is held, and what comes later is encoded.
        door.fanout.flush()
        stream.replay(beginning + encoding.catch_up(seq), asyncio.get_running_loop().time())
        if encoding.broken:
            raise ReplyError(ErrorCode.UNAVAILABLE, "the session's channel was interrupted; try again", retry_after=1)
    return door.hand_over(request, stream, cookie, _COOKIES)


def _position(call: Call[None, StreamQuery]) -> int | None:
    """Return the number that the client has seen; what a browser has seen since then comes before what its URL says.

    Raises:
        ReplyError: `invalid_data`.
    """
    query, resumed = call.query, call.request.headers.get(LAST_EVENT_ID, "")
    if query.after is not None and query.since is not None:
        raise ReplyError(ErrorCode.INVALID_DATA, "expected after or since, got both")
    if query.since is not None and query.since.year not in _YEARS:
        raise ReplyError(ErrorCode.INVALID_DATA, "since: expected a time of this age")
    if not resumed:
        return query.after
    if not _is_number(resumed):
        raise ReplyError(ErrorCode.INVALID_DATA, f"{LAST_EVENT_ID}: expected the number of an event")
    return int(resumed)


def _form(request: web.Request) -> Form | None:
    media = preferred(",".join(request.headers.getall("Accept", [])), [each.media for each in FORMS])
    return next((each for each in FORMS if each.media == media), None)


async def _sign_in(hub: Hub, request: web.Request, client_id: str) -> tuple[Pass, StreamCookie | None]:
    """Return who asks: by header, ticket or cookie. Nobody has a session without one of them, also on an open hub.

    Raises:
        ReplyError: `unauthenticated`, `invalid_token`, `rate_limited` or `unavailable`.
    """
    found, cookie = await hub.sign_in.stream(request, client_id)
    if found.principal.user is None or not found.principal.has_token:
        raise ReplyError(
            ErrorCode.UNAUTHENTICATED,
            "expected a user's token in the header `Authorization: Bearer TOKEN`, a ticket (POST /api/tickets) or a "
            "cookie (POST /api/session)",
        )
    await count(hub, request, found.principal)
    return found, cookie


async def _owner(hub: Hub, found: Pass, session_id: UUID) -> Scope:
    """Return the scope of who asks, if the session is theirs.

    Raises:
        ReplyError: `not_found`, `permission_denied`, `unavailable`.
    """
    parts = parts_of(hub)
    scope = await parts.members.scope(found.principal.user or "")
    if not await parts.chat.sessions.is_of(session_id, scope.subject):
        raise missing("session", session_id)
    channel = channel_of(session_id)
    if found.channels is not None and channel not in found.channels:
        raise ReplyError(ErrorCode.PERMISSION_DENIED, f"the ticket was not made for {channel}", channel=channel)
    return scope


async def _beginning(
    hub: Hub,
    chat: Chat,
    scope: Scope,
    session_id: UUID,
    encoding: SessionEncoding,
    after: int | None,
    query: StreamQuery,
) -> tuple[bytes, int]:
    """Return what the stream begins with, and the number at which it is then."""
    if after is not None:
        recent = await chat.channel.recent(session_id, after)
        if recent is not None:
            lines = (
                encoding.event(each.type, each.data, each.timestamp, after + place)
                for place, each in enumerate(recent, 1)
            )
            return b"".join(lines), after + len(recent)
    start = await chat.replays.read(scope, session_id, after=after, since=query.since)
    with suppress(TimeoutError, ReplyError):
        async with asyncio.timeout(REACH):
            await chat.relay.reach(session_id, start.published, start.seq)
            # History is never ahead of the listener: the streams of this process have been given all of it now.
            await hub.engine.history(encoding.channel, None, None, 1)
    return _encoded(start, encoding, iso(hub.clock.now())), start.seq


def _encoded(start: Start, encoding: SessionEncoding, now: str) -> bytes:
    lines = []
    if start.missing is not None:
        lines.append(encoding.event("gap", orjson.dumps(start.missing.as_dict()), now, None))
    if start.snapshot is not None:
        lines.append(encoding.event("SNAPSHOT", orjson.dumps(start.snapshot), now, start.seq))
    for event in start.events:
        fields = event.fields
        lines.append(encoding.event(event.type, orjson.dumps(fields), fields["timestamp"], event.seq))
    return b"".join(lines)


def _end(hub: Hub, encoding: SessionEncoding) -> None:
    """End the streams of an encoding that can't go on, when what is being delivered at the moment is done."""

    def end() -> None:
        code, why = CloseCode.DISCONNECTED, f"events were missed; come back with after={encoding.seq}"
        if encoding.is_over:
            code, why = CloseCode.NORMAL, "the session is gone"
        for connection in list(hub.connections):
            if connection.encoding is encoding:
                connection.close(code, why)

    asyncio.get_running_loop().call_soon(end)


ROWS: Final[tuple[Endpoint[Any, Any], ...]] = (
    Endpoint(
        "GET",
        _PATH,
        "Follow a chat session",
        follow_session,
        Who.FOLLOWER,
        "chat",
        query=StreamQuery,
        media=", ".join(form.media for form in FORMS),
        cookies=True,
        errors=(ErrorCode.TOO_MANY_CONNECTIONS, ErrorCode.TOO_MANY_SUBSCRIPTIONS),
    ),
)

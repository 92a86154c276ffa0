"""What all endpoints of streams have in common: whom they let in, and how a stream gets its socket.

Everything that may be refused is refused before the answer begins, in the shape of every HTTP error. So a stream is on
its channels before its socket changes hands: it is a subscriber like any other, whose transport comes last.
"""

from __future__ import annotations

import random
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate

from aiohttp import web

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.connections import Connections
from hub.dialects.stream import StreamEncoding
from hub.fanout import Fanout
from hub.http.access import Access
from hub.http.cors import as_sent
from hub.http.middleware import EXTRA_HEADERS
from hub.http.sign_in import SignIn, set_cookie
from hub.http.user_agent import user_agent_of
from hub.origin import OriginCheck
from hub.session import Context
from hub.tickets import StreamCookie
from hub.transports.handover import take_over
from hub.transports.stream import StreamConnection, StreamHost
from hub.wheel import Wheel


@dataclass(frozen=True, slots=True)
class StreamDoor:
    """Lets clients in, or refuses them.

    Args:
        choose: a random number from 0 to 1, for when a browser is to come back.
    """

    context: Context
    access: Access
    sign_in: SignIn
    origins: OriginCheck
    connections: Connections
    fanout: Fanout
    host: StreamHost
    wheel: Wheel[StreamConnection]
    choose: Callable[[], float] = field(default=random.random)

    def admit(self, request: web.Request) -> str:
        """Return the address of a client that may have a stream, as far as its token doesn't matter.

        Raises:
            ReplyError: `permission_denied` (origin) or `too_many_connections`.
        """
        address = self.access.address(request)
        refusal = self.origins.refusal(request.headers, request.scheme, request.headers.get("Host", ""))
        if refusal is not None:
            raise ReplyError(ErrorCode.PERMISSION_DENIED, refusal)
        self.connections.check_room(address)
        return address

    @contextmanager
    def opening(
        self, request: web.Request, address: str, client_id: str, encoding: StreamEncoding, principal: Principal
    ) -> Iterator[StreamConnection]:
        """Make a stream, to be put on its channels and handed over within the block; it is undone when that raises.

        What is sent to it meanwhile waits in it.
        """
        stream = StreamConnection(
            self.host,
            client_id,
            f"s-{secrets.token_hex(8)}",
            encoding,
            self.context.settings.limits.queued_bytes,
            address=address,
        )
        stream.principal = principal
        stream.user_agent = user_agent_of(request)
        try:
            stream.send(encoding.preamble(self.context.settings.events.retry * (0.5 + self.choose())))
            yield stream
        except BaseException:
            stream.disconnect()
            self.context.engine.leave(stream)
            raise

    def check_again(self, stream: StreamConnection) -> None:
        """Refuse what came about while the stream was being put on its channels, and nobody could close it yet.

        Raises:
            ReplyError: `unavailable`, `too_many_connections`, `conflict` (client id of another user) or
                `invalid_token`.
        """
        if not stream.is_open:
            message = "more was published meanwhile than limits.queued_bytes; try again"
            raise ReplyError(ErrorCode.UNAVAILABLE, message, retry_after=1)
        self.connections.check_room(stream.address)
        self.connections.check_owner(stream.client_id, stream.principal.user)
        self.sign_in.tickets.check(stream.principal)

    def hand_over(
        self, request: web.Request, stream: StreamConnection, cookie: StreamCookie | None, path: str
    ) -> web.StreamResponse:
        """Answer, and give the stream its socket.

        Args:
            cookie: by which the stream is opened again.
            path: of the endpoint, for the cookie.
        """
        # From here on nothing awaits. What was delivered so far is encoded before the stream shares an encoding.
        self.fanout.flush()
        settings = self.context.settings
        if (notice := self.context.standing()) is not None:
            stream.tell(dict(notice))
        media = stream.encoding.media
        stream.encoding = stream.encoding.settled()
        _give_up_dead_links(request, settings.events.heartbeat)
        headers = {}
        if cookie is not None:
            headers["Set-Cookie"] = set_cookie(
                request, settings.events, cookie.name, cookie.value, path, cookie.seconds
            )
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
            **request.get(EXTRA_HEADERS, {}),
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

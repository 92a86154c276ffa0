"""Who opens a stream or a WebSocket: by header, by ticket, by cookie, or without any of them."""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Final

from aiohttp import web

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.auth import Authenticator, token_from
from hub.sections.events import EventsOptions
from hub.tickets import Pass, StreamCookie, Tickets
from hub.tokens import invalid

LONG_LIVED: Final = frozenset({"access_token", "bearer", "jwt", "token"})
"""What a URL may not hold: it ends up in logs, histories and `Referer` headers, where it would stay good for long."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Finds out who a request is of.

    A cookie is sent along with whatever a page makes a browser ask for, so it is looked at in two places only, `GET
    /events` and the WebSocket upgrade, and both refuse foreign pages first. Requests that change something take none.
    """

    authenticator: Authenticator
    tickets: Tickets
    options: EventsOptions

    async def stream(self, request: web.Request, client_id: str) -> tuple[Pass, StreamCookie | None]:
        """Return who opens a stream, and the cookie that its answer is to set.

        Raises:
            ReplyError: `unauthenticated`, `invalid_token`, or `unavailable`.
        """
        ticket = request.query.get("ticket")
        found = token_from(request.headers)
        if found is not None and ticket is not None:
            raise invalid("expected a token in a header or a ticket in the URL, got both")
        if found is not None:
            return Pass(self.authenticator.authenticate(found.token)), None
        if ticket is not None:
            return await self.tickets.redeem(ticket, request.cookies)
        principal = self.cookie(request) or self.authenticator.principal_without_token(client_id)
        if principal is None:
            message = (
                "expected a token in the header `Authorization: Bearer TOKEN`, a ticket (POST /api/tickets) "
                "or a cookie (POST /api/session)"
            )
            raise ReplyError(ErrorCode.UNAUTHENTICATED, message)
        return Pass(principal), None

    def cookie(self, request: web.Request) -> Principal | None:
        """Return who the session cookie of a request is of; `None` without one, and on an open hub.

        Raises:
            ReplyError: `invalid_token`.
        """
        value = request.cookies.get(self.options.cookie)
        if not value or self.authenticator.is_open:
            return None
        return self.tickets.read_session(value)


def set_cookie(request: web.BaseRequest, options: EventsOptions, name: str, value: str, path: str, age: float) -> str:
    """Return a `Set-Cookie` header: for this host alone, out of reach of scripts, and never sent for another site's
    page. An age of 0 removes the cookie."""
    cookie: SimpleCookie = SimpleCookie({name: value})
    morsel = cookie[name]
    morsel["path"] = path
    morsel["max-age"] = max(0, int(age))
    morsel["httponly"] = True
    morsel["samesite"] = "Strict"
    if options.cookie_secure or request.secure or request.headers.get("Origin", "").lower().startswith("https://"):
        morsel["secure"] = True
    return morsel.OutputString()

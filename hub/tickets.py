"""How browsers sign in where they can't send a header: tickets for a URL, and cookies.

Both are JSON Web Tokens that the hub signs itself, for audiences of their own, so none of them passes for a token of
the API, nor one kind for another. Each is made of a token and carries its user, its id, its grants and its end: it ends
with the token, and revoking that revokes it. None carries `admin`; only a session carries what it grants to publish.

A ticket stands in a URL, which ends up in logs and histories. So it works once, in all processes together
(`channels.ports.Claims`), and only for seconds. But an `EventSource` comes back to the same URL when its stream breaks.
For that, who uses a ticket gets a cookie that belongs to it. With the ticket it opens the stream again; without the
ticket it is worth nothing, and neither is the used ticket without the cookie.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from channels.policy import Operation, Principal
from channels.ports import Claims
from hub.auth import Authenticator
from hub.options import AuthOptions
from hub.revocations import Revocations
from hub.tokens import invalid, is_strings, read_seconds, read_text, seal, verify

LONGEST: Final = 3500
"""Longest ticket or cookie, in characters. Browsers keep cookies of 4,096 bytes with name and attributes."""

_READ: Final = (Operation.SUBSCRIBE.value, Operation.HISTORY.value)


@dataclass(frozen=True, slots=True)
class Pass:
    """What a ticket or a cookie lets its bearer do.

    Attributes:
        principal: who it is.
        channels: the channels it was narrowed to; `None`: all that the principal may have.
    """

    principal: Principal
    channels: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class StreamCookie:
    """The cookie by which a stream whose ticket was used is opened again. `value` is kept out of the `repr`."""

    name: str
    value: str
    seconds: float

    def __repr__(self) -> str:
        return f"StreamCookie(name={self.name!r})"


class _Kind:
    """Tickets, sessions or stream cookies: each an audience, and the authenticator that takes only it."""

    def __init__(self, word: str, options: AuthOptions, revocations: Revocations, clock: Clock) -> None:
        self._word = word
        self.authenticator = Authenticator(self._of(options), revocations, clock)

    def adopt(self, options: AuthOptions) -> None:
        """Judge by these options from now on."""
        self.authenticator.adopt(self._of(options))

    def audience(self, options: AuthOptions) -> str:
        return f"{options.audience}/{self._word}"

    def _of(self, options: AuthOptions) -> AuthOptions:
        return options.model_copy(update={"audience": self.audience(options)})


class Tickets:
    """Makes and takes tickets and cookies.

    Args:
        options: returns those in force now: keys may change while the hub runs.
        claims: what makes a ticket work once.
        lifetime: seconds for which a ticket can be used.
        new_id: makes a name for a ticket that nobody can guess.
    """

    def __init__(
        self,
        options: Callable[[], AuthOptions],
        revocations: Revocations,
        clock: Clock,
        claims: Claims,
        lifetime: float = 30.0,
        new_id: Callable[[], str] = lambda: secrets.token_hex(12),
    ) -> None:
        self._in_force = options
        self._adopted = options()
        self._revocations = revocations
        self._clock = clock
        self._claims = claims
        self._lifetime = lifetime
        self._new_id = new_id
        self._ticket, self._session, self._stream = self._kinds = tuple(
            _Kind(word, self._adopted, revocations, clock) for word in ("ticket", "session", "stream")
        )

    @property
    def _options(self) -> AuthOptions:
        options = self._in_force()
        if options is not self._adopted:
            for kind in self._kinds:
                kind.adopt(options)
            self._adopted = options
        return options

    # Tickets.

    def ticket(
        self, principal: Principal, channels: Sequence[str] | None = None, lifetime: float | None = None
    ) -> tuple[str, float]:
        """Make a ticket for a stream; return it, and the seconds for which it can be used.

        Args:
            principal: as read from a token.
            channels: the only ones it is to be good for.
            lifetime: a shorter one than usual.

        Raises:
            ReplyError: `conflict` (no keys), `unauthenticated` (no token), or `data_too_large` (too many grants).
        """
        seconds = min(self._lifetime, lifetime or self._lifetime)
        more = {"tid": self._new_id(), "until": self._clock.now() + seconds}
        if channels is not None:
            more["channels"] = sorted(set(channels))
        return self._seal(self._ticket, principal, _READ, more), seconds

    async def redeem(self, ticket: str, cookies: Mapping[str, str]) -> tuple[Pass, StreamCookie | None]:
        """Take a ticket; return what it allows, and the cookie to set with it.

        Args:
            cookies: of the request. With the cookie of this ticket a ticket that was used, or is late, is good again.

        Raises:
            ReplyError: `invalid_token`, or `unavailable` when it isn't known whether the ticket was used.
        """
        claims, principal = self._open(self._ticket, ticket)
        narrowed, until = _narrowing(claims), read_seconds(claims, "until")
        name, left, leeway = _cookie_name(claims), until - self._clock.now(), self._options.leeway
        ticket_id = read_text(claims, "tid")
        found = Pass(principal, narrowed)
        again = self._belongs(cookies.get(name, ""), found)
        if left + leeway <= 0:
            if again:
                return found, None
            raise invalid(f"the ticket ended {-left:.0f} s ago; get a new one (POST /api/tickets)")
        try:
            # Kept until the ticket has ended by every process's clock.
            first = await self._claims.claim(f"ticket:{ticket_id}", left + 2 * leeway + 1)
        except ReplyError:
            if not again:
                raise
            first = False
        if again:
            return found, None
        if not first:
            raise invalid("the ticket was used before; each works once: get a new one (POST /api/tickets)")
        return found, self._stream_cookie(name, found)

    def _belongs(self, cookie: str, found: Pass) -> bool:
        """Tell whether a stream cookie is that of a ticket: made of the same token, for the same channels."""
        if not cookie:
            return False
        try:
            claims, principal = self._open(self._stream, cookie)
        except ReplyError:
            return False
        return Pass(principal, _narrowing(claims)) == found

    def _stream_cookie(self, name: str, found: Pass) -> StreamCookie | None:
        more = {} if found.channels is None else {"channels": sorted(found.channels)}
        with suppress(ReplyError):  # too long: the stream can't be opened again, but it can be opened
            value = self._seal(self._stream, found.principal, _READ, more)
            return StreamCookie(name, value, (found.principal.expires or 0) - self._clock.now())
        return None

    # Sessions.

    def session(self, principal: Principal) -> tuple[str, float]:
        """Make the value of a session cookie; return it, and the seconds until its token ends.

        Raises:
            ReplyError: as `ticket`.
        """
        operations = tuple(operation.value for operation in Operation)
        return self._seal(self._session, principal, operations, {}), (principal.expires or 0) - self._clock.now()

    def read_session(self, cookie: str) -> Principal:
        """Return who a session cookie is of.

        Raises:
            ReplyError: `invalid_token`.
        """
        return self._open(self._session, cookie)[1]

    def check(self, principal: Principal) -> None:
        """Refuse who was let in a moment ago and has been revoked since.

        Raises:
            ReplyError: `invalid_token`.
        """
        if self._revocations.is_revoked(principal):
            raise invalid("the token, or its user, was revoked")

    # Both.

    def _seal(self, kind: _Kind, principal: Principal, operations: Sequence[str], more: Mapping[str, Any]) -> str:
        options = self._options
        if not options.keys:
            message = "this hub has no keys (auth.keys) and asks nobody for a token: come without"
            raise ReplyError(ErrorCode.CONFLICT, message)
        if principal.user is None or principal.issued is None:
            raise ReplyError(ErrorCode.UNAUTHENTICATED, "expected a token in the header `Authorization: Bearer TOKEN`")
        granted = {name: list(patterns) for name, patterns in principal.capabilities.items() if name in operations}
        claims: dict[str, Any] = {
            "sub": principal.user,
            "aud": kind.audience(options),
            "iat": principal.issued,
            "exp": principal.expires,
            **granted,
            **more,
        }
        if principal.rooms:
            claims["rooms"] = sorted(principal.rooms)
        if principal.token_id is not None:
            claims["jti"] = principal.token_id
        if options.issuer:
            claims["iss"] = options.issuer
        text = seal(claims, options.keys[0])
        if len(text) > LONGEST:
            message = f"the token grants too much to fit into {LONGEST} characters; grant by pattern, or name fewer"
            raise ReplyError(ErrorCode.DATA_TOO_LARGE, message, limit=LONGEST)
        return text

    def _open(self, kind: _Kind, text: str) -> tuple[dict[str, Any], Principal]:
        keys = {key.id: key.secret for key in self._options.keys}
        principal = kind.authenticator.authenticate(text)
        return verify(text, keys), principal


def _narrowing(claims: Mapping[str, Any]) -> frozenset[str] | None:
    channels = claims.get("channels")
    if channels is not None and not is_strings(channels):
        raise invalid("claim channels: expected a list of names")
    return None if channels is None else frozenset(channels)


def _cookie_name(claims: Mapping[str, Any]) -> str:
    """Name the cookie for all tickets of one token and one narrowing: two streams of a page don't take each other's
    place, and many streams of one page need one cookie."""
    of = repr([claims.get("sub"), claims.get("jti"), claims.get("iat"), sorted(_narrowing(claims) or ("*",))])
    return f"tocsin_stream_{hashlib.sha256(of.encode()).hexdigest()[:12]}"

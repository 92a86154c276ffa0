"""Who is on the other side: from what a request carries to a `Principal`, or to a refusal, for all transports.

No message made here holds a token or a secret, nor does the `repr` of any object.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, Literal, NamedTuple

from multidict import MultiMapping

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from channels.model import NAME_MAX, is_name, namespace_of
from channels.policy import ANONYMOUS, Operation, Principal
from hub.options import AuthOptions, KeyOptions
from hub.revocations import Revocation, Revocations
from hub.tokens import TOKEN_MAX, Grants, invalid, is_strings, read_seconds, read_text, sign, verify

__all__ = [
    "OPERATOR",
    "SUBPROTOCOL",
    "TOKEN_MAX",
    "Authenticator",
    "FoundToken",
    "Grants",
    "Revocation",
    "Revocations",
    "challenge",
    "sign",
    "token_from",
]

_EVERYTHING: Final = {operation.value: ("*",) for operation in Operation}

OPERATOR: Final = Principal(capabilities=_EVERYTHING, admin=True)
"""Whoever reaches an open hub by HTTP: it listens on loopback only, so this machine's own users."""


class BesideAccounts(Principal):
    """The same where there are accounts: their users are kept apart by tokens, so nobody without one reads along."""

    __slots__ = ()

    def grants(self, operation: Operation, channel: str) -> bool:
        """Tell whether `operation` is allowed on `channel`; to read is not on what belongs to an account."""
        space = namespace_of(channel)
        private = space is not None and space[0] in ("user", "session") and _is_uuid(space[1]) is not None
        return not (private and operation is not Operation.PUBLISH) and Principal.grants(self, operation, channel)


SUBPROTOCOL: Final = "tocsin"
"""What the hub selects of the subprotocols that a client offers."""

KNOWN_MAX: Final = 2_000
"""Tokens that an authenticator remembers, by their SHA-256: about 1 KB each. Beyond it the oldest is checked anew."""

_BEARER: Final = "bearer."
_is_uuid = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE).fullmatch
_is_token = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII).fullmatch
_is_authorization = re.compile(r"bearer +(\S+)", re.ASCII | re.IGNORECASE).fullmatch


class Authenticator:
    """Turns tokens into principals.

    Attributes:
        is_open: whether there are no keys, so that nobody is asked for a token.

    Args:
        options: keys, audience, issuer, leeway.
        revocations: what to refuse all the same.
        clock: decides what has expired.
        local_key: signs and reads the tokens of accounts while there are no keys in `options`. The hub is as open as
            without it.
    """

    def __init__(
        self, options: AuthOptions, revocations: Revocations, clock: Clock, local_key: KeyOptions | None = None
    ) -> None:
        self._local_key = local_key
        self.adopt(options)
        self._revocations = revocations
        self._clock = clock

    def adopt(self, options: AuthOptions) -> None:
        """Judge tokens by these options from now on. Who is connected stays."""
        keys = options.keys or tuple(filter(None, (self._local_key,)))
        self._options = options.model_copy(update={"keys": keys})
        self._keys = {key.id: key.secret for key in keys}
        self.is_open = not options.keys
        self._known: dict[bytes, Principal] = {}

    def authenticate(self, token: str) -> Principal:
        """Read a token.

        Raises:
            ReplyError: `invalid_token`, saying what is wrong with it.
        """
        if not self._keys:
            raise invalid("this hub has no keys (auth.keys) and so can't read a token; come without one")
        principal = self._read(token)
        if self._revocations.is_revoked(principal):
            raise invalid("the token, or its user, was revoked")
        return principal

    def _read(self, token: str) -> Principal:
        """Check a token, or know it from before: a service sends the same one with each request, and checking the
        signature costs a hundred times as much as finding it."""
        digest = sha256(token.encode(errors="surrogatepass")).digest()
        known = self._known.get(digest)
        if known is not None and self._clock.now() < (known.expires or 0.0) + self._options.leeway:
            return known
        principal = self._principal(verify(token, self._keys))
        if len(self._known) >= KNOWN_MAX:
            del self._known[next(iter(self._known))]
        self._known[digest] = principal
        return principal

    def issue(self, user: str, lifetime: float, token_id: str | None = None) -> str:
        """Make a token for an account: it allows what every user may, and nothing more.

        Args:
            lifetime: seconds from now to its end.
            token_id: `jti`, by which it can be revoked; without it a random one.

        Raises:
            ValueError: this hub wouldn't take such a token.
        """
        return sign(
            user,
            options=self._options,
            clock=self._clock,
            lifetime=lifetime,
            token_id=token_id,
            whole_seconds=False,
        )

    def refresh(self, current: Principal, token: str) -> Principal:
        """Read the token that is to follow the one which `current` came with.

        Raises:
            ReplyError: `invalid_token`; also when it is another user's. An anonymous client has no user to go on with.
        """
        principal = self.authenticate(token)
        if principal.user != current.user:
            raise invalid("expected a token of the same user; open a new connection instead")
        return principal

    def principal_without_token(self, client_id: str) -> Principal | None:
        """Return who a client without a token is; `None` when it must have one.

        On an open hub the client id names the user: everyone there is on this machine, and is believed, also to be an
        operator, as over HTTP (`OPERATOR`).
        """
        if self.is_open:
            return Principal(user=None if self._is_account(client_id) else client_id, admin=True)
        return ANONYMOUS if self._options.anonymous else None

    def operator(self) -> Principal:
        """Return who makes an HTTP request without a token to an open hub."""
        return OPERATOR if self._local_key is None else BesideAccounts(None, capabilities=_EVERYTHING, admin=True)

    def _is_account(self, client_id: str) -> bool:
        """Whether a name is that of an account (`agents.accounts`): those are UUIDs, and have tokens also here."""
        return self._local_key is not None and _is_uuid(client_id) is not None

    def _principal(self, claims: Mapping[str, Any]) -> Principal:
        issued, expires = self._check_times(claims)
        self._check_audience(claims)
        user = claims.get("sub")
        if not isinstance(user, str) or not is_name(user):
            raise invalid(f"claim sub: expected the user, 1 to {NAME_MAX} characters out of A-Z a-z 0-9 . _ : @ -")
        grants = Grants.read(claims)
        return Principal(
            user,
            read_text(claims, "jti"),
            issued,
            expires,
            grants.capabilities(),
            grants.admin,
            frozenset(grants.rooms),
        )

    def _check_times(self, claims: Mapping[str, Any]) -> tuple[float, float]:
        now, leeway, longest = self._clock.now(), self._options.leeway, self._options.max_lifetime
        issued, expires = read_seconds(claims, "iat"), read_seconds(claims, "exp")
        starts = read_seconds(claims, "nbf") if "nbf" in claims else issued
        if now >= expires + leeway:
            raise invalid(f"the token expired {now - expires:.0f} s ago")
        if issued > now + leeway:
            raise invalid(f"the token is issued (iat) {issued - now:.0f} s in the future; check the clocks")
        if starts > now + leeway:
            raise invalid(f"the token is not valid before (nbf) {starts - now:.0f} s from now")
        if expires - issued > longest:
            raise invalid(f"the token lives {expires - issued:.0f} s, of at most {longest:.0f} s (auth.max_lifetime)")
        return issued, expires

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        audience = claims.get("aud")
        wanted = self._options.audience
        if audience != wanted and not (is_strings(audience) and wanted in audience):
            raise invalid(f"claim aud: expected the audience {wanted}{'' if 'aud' in claims else '; it is missing'}")
        if self._options.issuer and claims.get("iss") != self._options.issuer:
            raise invalid(f"claim iss: expected the issuer {self._options.issuer}")


class FoundToken(NamedTuple):
    """A token, not yet read, and the header that it stood in."""

    token: str
    where: Literal["Authorization", "Sec-WebSocket-Protocol"]

    def __repr__(self) -> str:
        return f"FoundToken(where={self.where!r})"


def token_from(headers: MultiMapping[str]) -> FoundToken | None:
    """Find the token of a request; `None` when it has none.

    Raises:
        ReplyError: `invalid_token`; a header is malformed, or two tokens differ, so that it is open who is meant.
    """
    found = _from_authorization(headers) + _from_subprotocols(headers)
    if len({item.token for item in found}) > 1:
        raise invalid("expected one token, got several that differ")
    return found[0] if found else None


def challenge(error: ReplyError) -> str:
    """Return the `WWW-Authenticate` header for a 401 (RFC 6750): bare when there was no token, else with the code."""
    return 'Bearer realm="tocsin"' + (', error="invalid_token"' if error.code is ErrorCode.INVALID_TOKEN else "")


def _from_authorization(headers: MultiMapping[str]) -> list[FoundToken]:
    found = []
    for value in headers.getall("Authorization", []):
        # What stands there instead may itself be a token or a password, so it is not repeated.
        match = _is_authorization(value.strip())
        if match is None or not _is_token(match[1]):
            raise invalid("expected `Authorization: Bearer TOKEN`")
        found.append(FoundToken(match[1], "Authorization"))
    return found


def _from_subprotocols(headers: MultiMapping[str]) -> list[FoundToken]:
    offered = [item.strip() for value in headers.getall("Sec-WebSocket-Protocol", []) for item in value.split(",")]
    tokens = [item.removeprefix(_BEARER) for item in offered if item.startswith(_BEARER)]
    # A browser closes the connection when the hub selects none of what it offered, and `bearer.` can't be selected.
    if tokens and (SUBPROTOCOL not in offered or not all(map(_is_token, tokens))):
        raise invalid(f"expected `Sec-WebSocket-Protocol: {SUBPROTOCOL}, {_BEARER}TOKEN`")
    return [FoundToken(token, "Sec-WebSocket-Protocol") for token in tokens]

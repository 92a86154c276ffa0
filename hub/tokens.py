"""Tokens: JSON Web Tokens (RFC 7519) signed with HS256. How one is made, how one is read; not who is let in with it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from math import ceil
from typing import Any, Final, TypeGuard

import jwt
import orjson
from pydantic import SecretStr

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from channels.model import NAME_MAX, is_name
from channels.policy import Operation
from hub.options import AuthOptions, KeyOptions

ALGORITHM: Final = "HS256"
"""The only algorithm. The token's own header is not asked which to use: `none` and confusion of keys start there."""

TOKEN_MAX: Final = 8192
"""Longest token, in characters; one header of an HTTP request can't be longer either."""

_LATEST: Final = 253_402_300_799
"""The end of the year 9999. What is later was most likely meant as milliseconds."""

_jws = jwt.PyJWS(algorithms=[ALGORITHM])
_is_pattern = re.compile(rf"[A-Za-z0-9._:@*?-]{{1,{NAME_MAX}}}", re.ASCII).fullmatch


def invalid(message: str) -> ReplyError:
    """Make the error `invalid_token`. `message` must hold neither a token nor a secret."""
    return ReplyError(ErrorCode.INVALID_TOKEN, message)


@dataclass(frozen=True, slots=True)
class Grants:
    """What a token allows, claim by claim.

    Attributes:
        subscribe, publish, history, presence: names and patterns (`*`, `?`) of channels.
        rooms: names of rooms, without `room:`, that the user is a member of.
        admin: may use the operators' API. Gives no channel by itself.
    """

    subscribe: tuple[str, ...] = ()
    publish: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    presence: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    admin: bool = False

    @classmethod
    def read(cls, claims: Mapping[str, Any]) -> Grants:
        """Take the grants out of a token's claims.

        Raises:
            ReplyError: `invalid_token`, naming the claim.
        """
        admin = claims.get("admin", False)
        if not isinstance(admin, bool):
            raise invalid("claim admin: expected true or false")
        channels = {operation.value: _names(claims, operation.value, _is_pattern) for operation in Operation}
        return cls(**channels, rooms=_names(claims, "rooms", _is_room), admin=admin)

    def capabilities(self) -> dict[str, tuple[str, ...]]:
        """Return the names and patterns per operation."""
        granted = {operation.value: getattr(self, operation.value) for operation in Operation}
        return {operation: names for operation, names in granted.items() if names}

    def claims(self) -> dict[str, Any]:
        """Return the claims that say this; `read` turns them back."""
        return {field.name: getattr(self, field.name) for field in fields(self) if getattr(self, field.name)}


def sign(
    user: str,
    grants: Grants = Grants(),
    *,
    options: AuthOptions,
    clock: Clock,
    lifetime: float = 1800.0,
    key_id: str | None = None,
    token_id: str | None = None,
    whole_seconds: bool = True,
) -> str:
    """Make a token for `user`.

    Args:
        lifetime: seconds from now to its end.
        key_id: id of the key to sign with; without it the first key does.
        token_id: `jti`; without it a random one.
        whole_seconds: `iat` is rounded down, as other issuers do; otherwise it is exact, and a token that is made right
            after its user was revoked is good.

    Raises:
        ValueError: this hub wouldn't take such a token.
    """
    key = next((key for key in options.keys if key_id in (None, key.id)), None)
    if key is None:
        raise ValueError("auth.keys is empty" if key_id is None else f"auth.keys has no key {key_id}")
    if not is_name(user):
        raise ValueError(f"expected a user of 1 to {NAME_MAX} characters out of A-Z a-z 0-9 . _ : @ -, got {user!r}")
    if not 0 < lifetime <= options.max_lifetime:
        raise ValueError(f"expected a lifetime up to auth.max_lifetime, {options.max_lifetime:g} s, got {lifetime:g} s")
    now = clock.now()
    issued = int(now)
    claims = {
        "sub": user,
        "aud": options.audience,
        "iat": issued if whole_seconds else now,
        "exp": issued + ceil(lifetime),
        "jti": token_id or secrets.token_hex(8),
        **grants.claims(),
    }
    if options.issuer:
        claims["iss"] = options.issuer
    try:
        Grants.read(orjson.loads(orjson.dumps(claims)))
    except ReplyError as error:
        raise ValueError(error.message) from None
    return seal(claims, key)


def seal(claims: Mapping[str, Any], key: KeyOptions) -> str:
    """Sign claims, whatever they say."""
    return _jws.encode(orjson.dumps(claims), key.secret.get_secret_value(), ALGORITHM, {"kid": key.id})


def verify(token: str, keys: Mapping[str, SecretStr]) -> dict[str, Any]:
    """Check the signature and return the claims, which are not checked yet.

    Args:
        keys: by `kid`. A token without one is tried with the only key there is; with several it is refused.

    Raises:
        ReplyError: `invalid_token`.
    """
    if len(token) > TOKEN_MAX:
        raise invalid(f"expected a token of at most {TOKEN_MAX} characters, got {len(token)}")
    malformed = invalid("expected a JSON Web Token: three parts in base64url, with dots between")
    if not token.isascii():
        raise malformed
    try:
        header = _jws.get_unverified_header(token)
        secret = keys[_key_id(header, keys)]
        payload = _jws.decode_complete(token, secret.get_secret_value(), [ALGORITHM])["payload"]
    except jwt.InvalidSignatureError:
        raise invalid("the token's signature was not made with the hub's key of that name") from None
    except (jwt.PyJWTError, RecursionError):
        raise malformed from None
    try:
        claims = orjson.loads(payload)
    except orjson.JSONDecodeError:
        claims = None
    if not isinstance(claims, dict):
        raise invalid("expected the token's payload to be a JSON object")
    return claims


def read_seconds(claims: Mapping[str, Any], name: str) -> float:
    """Return a time among the claims.

    Raises:
        ReplyError: `invalid_token`; it is missing, no number, or absurd.
    """
    value = claims.get(name)
    if value is None:
        raise invalid(f"claim {name}: missing; expected seconds since 1970")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise invalid(f"claim {name}: expected seconds since 1970")
    return float(value)


def read_text(claims: Mapping[str, Any], name: str) -> str | None:
    """Return a short text among the claims, `None` when it is missing.

    Raises:
        ReplyError: `invalid_token`; it is something else.
    """
    value = claims.get(name)
    if value is not None and not (isinstance(value, str) and 1 <= len(value) <= NAME_MAX):
        raise invalid(f"claim {name}: expected a string of 1 to {NAME_MAX} characters")
    return value


def is_strings(value: object) -> TypeGuard[list[str]]:
    """Tell whether `value` is a list of strings."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _key_id(header: Mapping[str, Any], keys: Mapping[str, SecretStr]) -> str:
    if header.get("alg") != ALGORITHM:
        raise invalid(f"expected a token signed with {ALGORITHM}")
    key_id = header.get("kid")
    if key_id is None and len(keys) == 1:
        return next(iter(keys))
    if key_id is None:
        raise invalid("the token names no key (kid in its header), and the hub has several")
    if key_id not in keys:
        known = "the hub has no such key"
        raise invalid(f"the token is signed with key {key_id}: {known}" if is_name(key_id) else f"unknown kid: {known}")
    return str(key_id)


def _is_room(text: str) -> bool:
    return is_name(text) and is_name(f"room:{text}")


def _names(claims: Mapping[str, Any], name: str, accept: Callable[[str], object]) -> tuple[str, ...]:
    value = claims.get(name, [])
    if not is_strings(value):
        raise invalid(f"claim {name}: expected a list of names")
    if not all(accept(item) for item in value):
        wanted = "names of rooms, without room:" if name == "rooms" else "names of channels or patterns"
        raise invalid(f"claim {name}: expected {wanted}, of 1 to {NAME_MAX} characters out of A-Z a-z 0-9 . _ : @ -")
    return tuple(value)

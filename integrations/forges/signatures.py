"""Who signed a request. Every comparison takes the same time, however much of a signature is right."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from integrations.forges.delivery import Forged, Unsigned

WINDOW: Final = 300.0
"""Seconds by which the time of a signature may be off, where the forge signs a time."""

SIGNING_TOKEN: Final = "whsec_"  # noqa: S105 - a prefix
"""Begins GitLab's signing tokens; what follows is base64."""


def check_hex(given: str, prefix: str, body: bytes, secret: str) -> None:
    """Check a hexadecimal HMAC-SHA256 of the body (GitHub, Gitea, Forgejo).

    Raises:
        Unsigned: there is none.
        Forged: it is another one.
    """
    if not given or given == prefix:
        raise Unsigned
    expected = prefix + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not _same(given, expected):
        raise Forged


def check_token(given: str, secret: str) -> None:
    """Check a secret that comes along as it is (GitLab's secret token).

    Raises:
        Unsigned: there is none.
        Forged: it is another one.
    """
    if not given:
        raise Unsigned
    if not _same(given, secret):
        raise Forged


def check_signed_time(headers: Mapping[str, str], body: bytes, signing_token: str, now: float) -> None:
    """Check a signature over id, time and body (GitLab's signing token, which is that of Standard Webhooks).

    Args:
        headers: by their names in lower case.
        now: seconds since 1970.

    Raises:
        Unsigned: there is none.
        Forged: it is another one, or older than `WINDOW`.
    """
    id, time, given = (headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (id and time and given):
        raise Unsigned
    if not (time.isascii() and time.isdigit() and len(time) <= 12) or abs(now - int(time)) > WINDOW:
        raise Forged
    try:
        key = base64.b64decode(signing_token.removeprefix(SIGNING_TOKEN), validate=True)
    except (binascii.Error, ValueError):
        raise Forged from None
    signed = b".".join((id.encode(), time.encode(), body))
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # While a token is being replaced there are several.
    if not any(_same(one, expected) for one in given.split(" ")):
        raise Forged


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())

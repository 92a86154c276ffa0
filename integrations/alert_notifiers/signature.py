"""How webhooks are signed, and how a receiver checks it.

The scheme is that of Standard Webhooks: HMAC-SHA256 over the message's id, the time and the body, joined by dots. The
id is the same for each try of a message, the time is that of the try. A receiver refuses what is older than `WINDOW`
and remembers ids for that long, so that a message that was recorded can't be played again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"

WINDOW: Final = 300.0
"""Seconds by which a message's time may be off."""

PREFIX: Final = "whsec_"
"""Begins a secret whose bytes are written in base64."""


def key_of(secret: str) -> bytes:
    """Return a secret's bytes: base64 after `whsec_`, else the text itself.

    Raises:
        ValueError: what follows `whsec_` is no base64. The text doesn't quote it.
    """
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"expected base64 after {PREFIX}") from None


def sign(key: bytes, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers that sign `body`.

    Args:
        timestamp: seconds since 1970.
    """
    return {ID: id, TIMESTAMP: str(timestamp), SIGNATURE: f"v1,{_digest(key, id, str(timestamp), body)}"}


def verify(key: bytes, headers: Mapping[str, str], body: bytes, now: float, window: float = WINDOW) -> bool:
    """Tell whether the headers sign `body`, and did so not longer than `window` seconds ago (or ahead).

    Args:
        headers: by their names in lower case.
    """
    id, timestamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not (id and timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now - int(timestamp)) > window:
        return False
    expected = _digest(key, id, timestamp, body).encode()
    # While a secret is being replaced there are several signatures.
    given = [part.partition(",") for part in headers.get(SIGNATURE, "").split(" ")]
    return any(
        version == "v1" and hmac.compare_digest(expected, text.encode(errors="replace")) for version, _, text in given
    )


def _digest(key: bytes, id: str, timestamp: str, body: bytes) -> str:
    signed = b".".join((id.encode(), timestamp.encode(), body))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()

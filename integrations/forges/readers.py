"""From a request to a delivery, by the forge that sent it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from integrations.forges import gitea, github, gitlab
from integrations.forges.delivery import Delivery, Malformed
from integrations.forges.payload import Payload

_ID: Final = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


Check = Callable[[Mapping[str, str], bytes, str, float], None]
Reader = Callable[[str, Mapping[str, str], Payload], Delivery]

READERS: Final[dict[str, tuple[Check, Callable[[Mapping[str, str]], str], Reader]]] = {
    "github": (github.check, github.delivery_id, github.read),
    "gitlab": (gitlab.check, gitlab.delivery_id, gitlab.read),
    "gitea": (gitea.check, gitea.delivery_id, gitea.read),
}
"""By source: checking the signature, the delivery's id, reading the body."""


def read(source: str, headers: Mapping[str, str], body: bytes, secret: str, now: float) -> Delivery:
    """Check who signed a request, and read it. Nothing of the body is looked at before.

    Args:
        source: one of `READERS`.
        headers: by their names in lower case.
        body: as it came, byte for byte.
        now: seconds since 1970, for forges that sign a time.

    Raises:
        Unsigned: no signature.
        Forged: a wrong one.
        Malformed: not what the forge documents.
    """
    check, delivery_id, reader = READERS[source]
    check(headers, body, secret, now)
    id = delivery_id(headers)
    if not _ID.fullmatch(id):
        raise Malformed("headers: expected the delivery's id, of 1 to 128 characters")
    return reader(id, headers, Payload(_json(body)))


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"body: expected JSON: {error}") from None

"""Languages on the wire. A dialect turns publications and messages into bytes; it knows no channel rules and no
sockets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from channels.model import Publication


class Encoder(Protocol):
    """Turns what is sent into bytes: all that fan-out and outboxes need to know. Compared and hashed by identity, since
    connections with the same one share every byte."""

    def publication(self, publication: Publication) -> bytes:
        """Encode a publication."""

    def withheld(self, publication: Publication) -> bytes:
        """Encode that a publication was not for this client, so that its position moves all the same."""

    def message(self, message: Mapping[str, Any]) -> bytes:
        """Encode a reply or a notice."""


class Dialect(Encoder, Protocol):
    """One language. Pure: the same value always gives the same bytes."""

    name: str

"""Newline-delimited JSON: one message of the plain protocol on each line. A client reads positions out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from channels.model import Position, Publication
from hub.dialects import Dialect
from hub.dialects.stream import one_line


class Ndjson:
    """The format, and the one encoding that all its connections share: a line depends on its message alone."""

    name = "ndjson"
    media = "application/x-ndjson"

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def open(self, channels: Sequence[str], since: Mapping[str, Position], typed: bool) -> Ndjson:
        return self

    def settled(self) -> Ndjson:
        return self

    def preamble(self, retry: float) -> bytes:
        return b""

    def heartbeat(self, timestamp: str) -> bytes:
        return orjson.dumps({"type": "heartbeat", "timestamp": timestamp}) + b"\n"

    def publication(self, publication: Publication) -> bytes:
        return one_line(self._dialect.publication(publication)) + b"\n"

    def withheld(self, publication: Publication) -> bytes:
        return self._dialect.withheld(publication) + b"\n"

    def message(self, message: Mapping[str, Any]) -> bytes:
        return self._dialect.message(message) + b"\n"

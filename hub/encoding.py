"""How one group of connections wants its bytes. Connections that agree share every byte.

A WebSocket wants a dialect and a compression; event streams (`hub.dialects.sse`, `hub.dialects.ndjson`) have encodings
of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from channels.model import Publication
from hub.dialects import Dialect
from hub.frames import TEXT, deflated, frame


class Encoding:
    """Turns publications and messages into WebSocket frames.

    Args:
        window_bits: of permessage-deflate, 9 to 15; 0 without compression.
        min_bytes: payloads shorter than this are not worth deflating.
    """

    __slots__ = ("dialect", "min_bytes", "window_bits")

    def __init__(self, dialect: Dialect, window_bits: int = 0, min_bytes: int = 256) -> None:
        self.dialect = dialect
        self.window_bits = window_bits
        self.min_bytes = min_bytes

    def frame(self, payload: bytes, opcode: int = TEXT) -> bytes:
        """Frame a payload, deflated where that was negotiated and pays."""
        if self.window_bits and len(payload) >= self.min_bytes:
            return deflated(payload, self.window_bits, opcode)
        return frame(payload, opcode)

    def publication(self, publication: Publication) -> bytes:
        return self.frame(self.dialect.publication(publication))

    def withheld(self, publication: Publication) -> bytes:
        return self.frame(self.dialect.withheld(publication))

    def message(self, message: Mapping[str, Any]) -> bytes:
        return self.frame(self.dialect.message(message))


E = TypeVar("E", bound=Encoding)


class Encodings(Generic[E]):
    """Hands out one shared encoding per compression, so that fan-out can group connections by identity.

    Args:
        make: makes the encoding for a window size.
    """

    def __init__(self, make: Callable[[int], E]) -> None:
        self._make = make
        self._by_window: dict[int, E] = {}

    def get(self, window_bits: int) -> E:
        """Return the encoding for a window size; 0 is without compression."""
        encoding = self._by_window.get(window_bits)
        if encoding is None:
            encoding = self._by_window[window_bits] = self._make(window_bits)
        return encoding

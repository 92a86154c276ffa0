"""Encodings: shared, and compressing where it was negotiated and pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.model import Publication
from hub.encoding import Encoding, Encodings
from hub.frames import BINARY, deflated, frame
from tests.kit import publication


class PaddedDialect:
    """Says what it was asked for, in at least 100 bytes."""

    name = "padded"

    def publication(self, publication: Publication) -> bytes:
        return f"publication {publication.position}".encode().ljust(100)

    def withheld(self, publication: Publication) -> bytes:
        return f"withheld {publication.position}".encode().ljust(100)

    def message(self, message: Mapping[str, Any]) -> bytes:
        return f"message {message}".encode().ljust(100)


def test_connections_with_the_same_window_share_their_encoding() -> None:
    """Fan-out frames once per encoding, so there is one object per window size, and one without compression."""
    encodings = Encodings(lambda window: Encoding(PaddedDialect(), window, 0))
    assert encodings.get(15) is encodings.get(15)
    assert len({encodings.get(0), encodings.get(9), encodings.get(15)}) == 3


def test_without_compression_nothing_is_deflated() -> None:
    """A client that didn't offer it gets plain frames of any length."""
    encoding = Encodings(lambda window: Encoding(PaddedDialect(), window, 0)).get(0)
    assert encoding.frame(b"x" * 9999) == frame(b"x" * 9999)


def test_short_payloads_are_not_deflated() -> None:
    """From `min_bytes` on compression pays."""
    encoding = Encoding(PaddedDialect(), window_bits=11, min_bytes=100)
    assert encoding.frame(b"x" * 99) == frame(b"x" * 99)
    assert encoding.frame(b"x" * 100) == deflated(b"x" * 100, 11)
    assert encoding.frame(b"x" * 100, BINARY) == deflated(b"x" * 100, 11, BINARY)


def test_everything_goes_through_dialect_and_compression() -> None:
    """Publications, withheld ones and messages alike."""
    dialect, one = PaddedDialect(), publication("c", 1)
    encoding = Encoding(dialect, window_bits=15, min_bytes=50)
    assert encoding.publication(one) == deflated(dialect.publication(one), 15)
    assert encoding.withheld(one) == deflated(dialect.withheld(one), 15)
    assert encoding.message({"a": 1}) == deflated(dialect.message({"a": 1}), 15)


def test_the_same_value_gives_the_same_bytes() -> None:
    """A frame depends on nothing that was sent before it."""
    encoding = Encoding(PaddedDialect(), window_bits=15, min_bytes=0)
    first = encoding.publication(publication("c", 1))
    encoding.publication(publication("c", 2))
    assert encoding.publication(publication("c", 1)) == first

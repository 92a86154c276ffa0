"""Event streams over HTTP: what their encodings have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from channels.model import Position
from hub.dialects import Encoder


class StreamEncoding(Encoder, Protocol):
    """The encoding of an event stream."""

    name: str
    """`sse` or `ndjson`."""

    media: str
    """The content type."""

    def preamble(self, retry: float) -> bytes:
        """What comes before all messages; `retry` is the seconds after which to come back when the stream breaks."""

    def heartbeat(self, timestamp: str) -> bytes:
        """What is sent while there is nothing to send."""

    def settled(self) -> StreamEncoding:
        """Return the encoding to go on with, once a connection is on all its channels and has all that it missed.

        It is shared with all connections on the same channels. At this moment everything that was delivered to any of
        them must be encoded (`hub.fanout.Fanout.flush`).
        """


class StreamFormat(Protocol):
    """A way to write event streams."""

    media: str

    def open(self, channels: Sequence[str], since: Mapping[str, Position], typed: bool) -> StreamEncoding:
        """Return the encoding for a connection that is about to subscribe to `channels`.

        Args:
            since: what its client has seen, as far as it said so.
            typed: publications are to be named by their type, where the format can.
        """


def one_line(payload: bytes) -> bytes:
    """Return JSON on one line. In JSON, line breaks can only stand between tokens, where a space means the same."""
    if b"\n" in payload or b"\r" in payload:
        return payload.replace(b"\n", b" ").replace(b"\r", b" ")
    return payload

"""Publications and messages as Socket.IO events, framed once for all connections that agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from channels.model import Publication
from hub.dialects.plain import publication_fields
from hub.frames import deflated, frame

RESERVED: Final = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)
"""Events that a client makes itself: a server must not send them."""

MESSAGE: Final = "message"
"""The event that every publication is, whatever its type."""


class SocketIoEncoding:
    """Turns publications and messages into WebSocket frames that hold packets.

    A publication is two events: one with the name of its type and `data` as it was published, followed by where it
    stands (channel, timestamp, epoch, offset), and `message` with the whole publication.

    Args:
        window_bits: of permessage-deflate, 9 to 15; 0 without compression.
        min_bytes: payloads shorter than this are not worth deflating.
    """

    __slots__ = ("min_bytes", "window_bits")

    def __init__(self, window_bits: int = 0, min_bytes: int = 256) -> None:
        self.window_bits = window_bits
        self.min_bytes = min_bytes

    def packet(self, payload: bytes) -> bytes:
        """Frame a packet, deflated where that was negotiated and pays."""
        if self.window_bits and len(payload) >= self.min_bytes:
            return deflated(payload, self.window_bits)
        return frame(payload)

    def publication(self, publication: Publication) -> bytes:
        fields = publication_fields(publication)
        whole = self.packet(event(MESSAGE, orjson.dumps(fields)))
        if publication.type in RESERVED or publication.type == MESSAGE:
            return whole
        place = {name: fields[name] for name in ("channel", "timestamp", "epoch", "offset") if name in fields}
        return self.packet(event(publication.type, publication.data, orjson.dumps(place))) + whole

    def withheld(self, publication: Publication) -> bytes:
        fields: dict[str, Any] = {"type": "position", "channel": publication.channel}
        if publication.position is not None:
            fields["epoch"], fields["offset"] = publication.position
        return self.message(fields)

    def message(self, message: Mapping[str, Any]) -> bytes:
        """Encode an answer as the acknowledgement that its event asked for, and anything else as an event."""
        payload = orjson.dumps(message)
        if isinstance(ack := message.get("id"), int):
            return self.packet(b"43%d[%s]" % (ack, payload))
        return self.packet(event(str(message["type"]), payload))


def event(name: str, *arguments: bytes) -> bytes:
    """Write an event packet; the arguments are JSON."""
    return b"42[%s]" % b",".join((orjson.dumps(name), *arguments))


class SocketIoEncodings:
    """Hands out one shared encoding per compression, so that fan-out can group connections by identity."""

    def __init__(self, min_bytes: int) -> None:
        self._min_bytes = min_bytes
        self._by_window: dict[int, SocketIoEncoding] = {}

    def get(self, window_bits: int) -> SocketIoEncoding:
        """Return the encoding for a window size; 0 is without compression."""
        encoding = self._by_window.get(window_bits)
        if encoding is None:
            encoding = self._by_window[window_bits] = SocketIoEncoding(window_bits, self._min_bytes)
        return encoding

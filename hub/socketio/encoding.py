"""Publications and messages as Socket.IO events, framed once for all connections that agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from channels.model import Publication
from hub.dialects.plain import PlainDialect, publication_fields
from hub.encoding import Encoding

RESERVED: Final = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)
"""Events that a client makes itself: a server must not send them."""

MESSAGE: Final = "message"
"""The event that every publication is, whatever its type."""


class SocketIoEncoding(Encoding):
    """Turns publications and messages into WebSocket frames that hold packets.

    A publication is two events: one with the name of its type and `data` as it was published, followed by where it
    stands (channel, timestamp, epoch, offset), and `message` with the whole publication.

    Args:
        window_bits: of permessage-deflate, 9 to 15; 0 without compression.
        min_bytes: payloads shorter than this are not worth deflating.
    """

    __slots__ = ()

    def __init__(self, window_bits: int = 0, min_bytes: int = 256) -> None:
        super().__init__(PlainDialect(), window_bits, min_bytes)

    def publication(self, publication: Publication) -> bytes:
        fields = publication_fields(publication)
        whole = self.frame(event(MESSAGE, orjson.dumps(fields)))
        if publication.type in RESERVED or publication.type == MESSAGE:
            return whole
        place = {name: fields[name] for name in ("channel", "timestamp", "epoch", "offset") if name in fields}
        return self.frame(event(publication.type, publication.data, orjson.dumps(place))) + whole

    def withheld(self, publication: Publication) -> bytes:
        fields: dict[str, Any] = {"type": "position", "channel": publication.channel}
        if publication.position is not None:
            fields["epoch"], fields["offset"] = publication.position
        return self.message(fields)

    def message(self, message: Mapping[str, Any]) -> bytes:
        """Encode an answer as the acknowledgement that its event asked for, and anything else as an event."""
        payload = orjson.dumps(message)
        if isinstance(ack := message.get("id"), int):
            return self.frame(b"43%d[%s]" % (ack, payload))
        return self.frame(event(str(message["type"]), payload))


def event(name: str, *arguments: bytes) -> bytes:
    """Write an event packet; the arguments are JSON."""
    return b"42[%s]" % b",".join((orjson.dumps(name), *arguments))

"""Publications and messages as Socket.IO events, framed once for all connections that agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from channels.model import Publication
from hub.dialects.plain import PlainDialect, publication_fields
from hub.encoding import Encoding
from hub.socketio.resumption import mark

RESERVED: Final = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)
"""Events that a client makes itself: a server must not send them."""

MESSAGE: Final = "message"
"""The event that every publication is, whatever its type."""

_PLACES: Final = frozenset({"subscribe", "position"})
"""Messages that say where a client stands."""


class SocketIoEncoding(Encoding):
    """Turns publications and messages into WebSocket frames that hold packets.

    A publication is two events: one with the name of its type and `data` as it was published, followed by where it
    stands (channel, timestamp, epoch, offset), and `message` with the whole publication. The last argument of the first
    one is its position as a string: what clients of Socket.IO 4.6 or newer remember by themselves, and say when they
    come back (`hub.socketio.resumption`).

    Args:
        window_bits: of permessage-deflate, 9 to 15; 0 without compression.
        min_bytes: payloads shorter than this are not worth deflating.
    """

    __slots__ = ()

    def __init__(self, window_bits: int = 0, min_bytes: int = 256) -> None:
        super().__init__(PlainDialect(), window_bits, min_bytes)

    def publication(self, publication: Publication) -> bytes:
        fields = publication_fields(publication)
        alone = publication.type in RESERVED or publication.type == MESSAGE
        whole = [orjson.dumps(fields)]
        if alone:
            whole += _marked(fields)
        frames = self.frame(event(MESSAGE, *whole))
        if alone:
            return frames
        place = {name: fields[name] for name in ("channel", "timestamp", "epoch", "offset") if name in fields}
        arguments = (publication.data, orjson.dumps(place), *_marked(fields))
        return self.frame(event(publication.type, *arguments)) + frames

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
        # What is replayed follows the reply, and only then the client stands where the reply says.
        place = [] if message.get("replayed") or message["type"] not in _PLACES else _marked(message)
        return self.frame(event(str(message["type"]), payload, *place))


def _marked(fields: Mapping[str, Any]) -> list[bytes]:
    if "offset" not in fields:
        return []
    return [orjson.dumps(mark(fields["channel"], fields["epoch"], fields["offset"]))]


def event(name: str, *arguments: bytes) -> bytes:
    """Write an event packet; the arguments are JSON."""
    return b"42[%s]" % b",".join((orjson.dumps(name), *arguments))

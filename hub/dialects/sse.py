"""Server-Sent Events: messages of the plain protocol as `data`, and positions as `id`, from which a browser resumes.

An event's id says where the whole stream is, in all its channels, since a browser gives back the last id alone. So an
event depends on what was sent before. It is the same for all connections on the same channels, though: whatever is
delivered on a channel goes to all of them, in one order. They share an encoding, which remembers the positions. A
connection joins it when it has caught up; until then it has one of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

from channels.model import Position, Publication
from hub.dialects import Dialect
from hub.dialects.stream import one_line
from hub.positions import position_set

_Key = tuple[tuple[str, ...], bool]

_KEPT_BACK = frozenset({"", "error", "message", "open"})
"""Names that an `EventSource` has for events of its own, or for those without a name."""

_POSITIONED = frozenset({"subscribe", "gap"})
"""Messages whose position is the client's from then on. A subscribe with a replay is none: what follows it has them."""


class Sse:
    """The format, and the encodings that are in use."""

    media = "text/event-stream"

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._shared: WeakValueDictionary[_Key, SseEncoding] = WeakValueDictionary()

    def open(self, channels: Sequence[str], since: Mapping[str, Position], typed: bool) -> SseEncoding:
        return SseEncoding(self, self._dialect, tuple(channels), since, typed)

    def shared(self, own: SseEncoding) -> SseEncoding:
        """Return the encoding of all that are on the same channels as `own`, at the positions of `own`.

        They are those of all others, because each of them got what was published; only after a channel was reset does a
        newcomer know better.
        """
        found = self._shared.setdefault((own.channels, own.typed), own)
        found.move_to(own)
        return found

    def __len__(self) -> int:
        """How many encodings are shared now."""
        return len(self._shared)


class SseEncoding:
    """Encodes for connections on the same channels that have been sent the same.

    Attributes:
        channels: in the order in which the client named them, which is that of the id.
        typed: publications are named by their type.
    """

    name = "sse"
    media = Sse.media

    __slots__ = ("__weakref__", "_dialect", "_format", "_positions", "channels", "typed")

    def __init__(
        self,
        format: Sse,
        dialect: Dialect,
        channels: tuple[str, ...],
        since: Mapping[str, Position],
        typed: bool,
    ) -> None:
        self.channels = channels
        self.typed = typed
        self._format = format
        self._dialect = dialect
        self._positions = dict(since)

    def settled(self) -> SseEncoding:
        return self._format.shared(self)

    def move_to(self, other: SseEncoding) -> None:
        """Go on from where another encoding of the same channels is."""
        self._positions = dict(other._positions)

    @property
    def id(self) -> str:
        """Where the stream is, in the order of its channels."""
        known = self._positions
        return position_set({channel: known[channel] for channel in self.channels if channel in known})

    def preamble(self, retry: float) -> bytes:
        return b"retry: %d\n\n" % round(retry * 1000)

    def heartbeat(self, timestamp: str) -> bytes:
        return b": heartbeat\n\n"

    def publication(self, publication: Publication) -> bytes:
        name = b""
        if self.typed and publication.type not in _KEPT_BACK and publication.type.isprintable():
            name = b"event: %s\n" % publication.type.encode("utf-8", "replace")
        payload = one_line(self._dialect.publication(publication))
        return self._at(publication.channel, publication.position) + name + _data(payload)

    def withheld(self, publication: Publication) -> bytes:
        payload = self._dialect.withheld(publication)
        return self._at(publication.channel, publication.position) + _data(payload)

    def message(self, message: Mapping[str, Any]) -> bytes:
        head = b""
        match message:
            case {"type": "subscribe", "replayed": int(replayed)} if replayed:
                pass
            case {"type": str(kind), "channel": str(channel), "epoch": str(epoch), "offset": int(offset)}:
                if kind in _POSITIONED:
                    head = self._at(channel, Position(epoch, offset))
            case {"type": "reconnect", "delay_ms": int(delay)}:
                head = b"retry: %d\n" % delay
        return head + _data(self._dialect.message(message))

    def _at(self, channel: str, position: Position | None) -> bytes:
        if position is None:
            return b""
        self._positions[channel] = position
        return b"id: %s\n" % self.id.encode()


def _data(payload: bytes) -> bytes:
    return b"data: %s\n\n" % payload

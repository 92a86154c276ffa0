"""Streams of one chat session (`GET /my/sse/{session_id}`): events of its log, as JSON lines or Server-Sent Events.

An event looks the same whether it comes from the hub's channel or from the log: type, channel, data with its number
`seq`, timestamp. The number is also its `id` in Server-Sent Events. All streams of a session that have caught up share
an encoding, so each event is encoded once for them. It remembers the newest number: what comes again is left out, and a
number that is missing ends the streams, whose clients get it from the log when they come back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol
from weakref import WeakValueDictionary

import orjson

from channels.model import Publication
from hub.dialects.stream import one_line

_seq = re.compile(rb'\{"seq": ?([0-9]{1,18})[,}]').match

BREAKS: Final = frozenset({"gap", "unsubscribed"})
"""Notices of the hub after which the channel's events can't be relied on, or don't come any more."""

HELD_MAX: Final = 10_000
"""Events that are held while a stream catches up. It takes milliseconds; who can't in that time is to come again."""


def seq_of(publication: Publication) -> int | None:
    """Return an event's number; `None` for what isn't an event of a log."""
    found = _seq(publication.data)
    return int(found[1]) if found else None


class Lines:
    """Newline-delimited JSON."""

    name = "ndjson"
    media = "application/x-ndjson"

    def preamble(self, retry: float) -> bytes:
        return b""

    def heartbeat(self, timestamp: str) -> bytes:
        return orjson.dumps({"type": "heartbeat", "timestamp": timestamp}) + b"\n"

    def line(self, payload: bytes, seq: int | None) -> bytes:
        return payload + b"\n"

    def retry(self, delay_ms: int) -> bytes:
        return b""


class Events:
    """Server-Sent Events. None is named, so that a page needs one listener."""

    name = "sse"
    media = "text/event-stream"

    def preamble(self, retry: float) -> bytes:
        return b"retry: %d\n\n" % round(retry * 1000)

    def heartbeat(self, timestamp: str) -> bytes:
        return b": heartbeat\n\n"

    def line(self, payload: bytes, seq: int | None) -> bytes:
        return b"data: %s\n\n" % payload if seq is None else b"id: %d\ndata: %s\n\n" % (seq, payload)

    def retry(self, delay_ms: int) -> bytes:
        return b"retry: %d\n" % delay_ms


class Form(Protocol):
    """One of the two ways to write a stream."""

    name: str
    media: str

    def preamble(self, retry: float) -> bytes: ...

    def heartbeat(self, timestamp: str) -> bytes: ...

    def line(self, payload: bytes, seq: int | None) -> bytes:
        """Write one message; with a number it is one from which a client resumes."""

    def retry(self, delay_ms: int) -> bytes:
        """What comes before a message that says when to come back."""


FORMS: Final[tuple[Form, ...]] = (Lines(), Events())
"""The first one is for clients that don't care."""


class SessionEncoding:
    """Encodes for streams of one session that have been sent the same.

    While a stream catches up it has one of its own, which holds what arrives.

    Args:
        on_break: is called when the streams of this encoding can't go on.

    Attributes:
        channel: of the session.
        seq: the newest event that was encoded, or that everybody on it has.
        held: what has arrived since the stream is on the channel; `None` once it has caught up.
        broken: no further event can be encoded.
        is_over: nor will there be any: the session is gone, or no longer its client's.
    """

    __slots__ = (
        "__weakref__",
        "_form",
        "_on_break",
        "_shared",
        "broken",
        "channel",
        "held",
        "is_over",
        "media",
        "name",
        "seq",
    )

    def __init__(
        self, channel: str, form: Form, shared: SharedEncodings, on_break: Callable[[SessionEncoding], None]
    ) -> None:
        self.name = form.name
        self.media = form.media
        self.channel = channel
        self.seq = 0
        self.held: list[Publication] | None = []
        self.broken = self.is_over = False
        self._form = form
        self._shared = shared
        self._on_break = on_break

    def preamble(self, retry: float) -> bytes:
        return self._form.preamble(retry)

    def heartbeat(self, timestamp: str) -> bytes:
        return self._form.heartbeat(timestamp)

    def publication(self, publication: Publication) -> bytes:
        if self.held is not None:
            self.held.append(publication)
            if len(self.held) > HELD_MAX:
                self._break()
            return b""
        seq = seq_of(publication)
        if seq is None or seq <= self.seq or self.broken:
            return b""
        if seq != self.seq + 1:
            self._break()
            return b""
        self.seq = seq
        return self.event(publication.type, publication.data, publication.timestamp, seq)

    def withheld(self, publication: Publication) -> bytes:
        return b""

    def event(self, type: str, data: bytes, timestamp: str, seq: int | None) -> bytes:
        """Encode an event of the log, or a message of the same shape."""
        fields = {"type": type, "channel": self.channel, "data": orjson.Fragment(data), "timestamp": timestamp}
        return self._form.line(one_line(orjson.dumps(fields)), seq)

    def message(self, message: Mapping[str, Any]) -> bytes:
        kind = message.get("type")
        if kind in BREAKS:
            self.is_over = self.is_over or kind == "unsubscribed"
            self._break()
            return b""
        head = self._form.retry(message["delay_ms"]) if kind == "reconnect" and "delay_ms" in message else b""
        return head + self._form.line(orjson.dumps(message), None)

    def _break(self) -> None:
        if not self.broken:
            self.broken = True
            self._on_break(self)

    def catch_up(self, seq: int) -> bytes:
        """Go on after `seq`: encode what was held and is newer."""
        held, self.held, self.seq = self.held or [], None, seq
        return b"".join(map(self.publication, held))

    def settled(self) -> SessionEncoding:
        """Return the encoding of all that are where this one is; this one itself when the others aren't."""
        return self._shared.of(self)


class SharedEncodings:
    """The encodings that are in use, by channel and form."""

    def __init__(self) -> None:
        self._encodings: WeakValueDictionary[tuple[str, str], SessionEncoding] = WeakValueDictionary()

    def of(self, own: SessionEncoding) -> SessionEncoding:
        """Return the encoding that streams share which are on the channel of `own`, and at its number."""
        key = (own.channel, own.name)
        found = self._encodings.get(key)
        if found is None or found.broken:
            found = self._encodings[key] = own
        return found if found.seq == own.seq else own

    def __len__(self) -> int:
        """How many are shared now."""
        return len(self._encodings)

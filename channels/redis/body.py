"""How publications stand in Redis: a header that the script writes, and a body that it doesn't look into."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from channels.model import Draft, Position, Publication


class Arrival(NamedTuple):
    """A publication as Redis has it.

    Attributes:
        epoch: "" on a channel that keeps no history.
        offset: 0 there.
        mark: the publication's own random number: tells two publications with one offset apart.
        ends: when it ends, in milliseconds on the server's clock.
    """

    epoch: str
    offset: int
    mark: int
    ends: int
    body: bytes

    def publication(self, channel: str) -> Publication:
        """Decode the body."""
        head, _, data = self.body.partition(b"\n")
        type_, timestamp, key, exclude = orjson.loads(head)
        position = Position(self.epoch, self.offset) if self.epoch else None
        return Publication(channel, type_, data, timestamp, position, key, exclude)


def encode(draft: Draft) -> bytes:
    """Write a body: what is not data as one line of JSON, then the data, which needs no further encoding."""
    return orjson.dumps((draft.type, draft.timestamp, draft.key, draft.exclude)) + b"\n" + draft.data


def from_message(message: bytes) -> Arrival:
    """Read what came on a Redis channel: `epoch offset-mark ends`, a line end, the body."""
    header, _, body = message.partition(b"\n")
    epoch, place, ends = header.split(b" ")
    offset, _, mark = place.partition(b"-")
    return Arrival(epoch.decode(), int(offset), int(mark), int(ends), body)


def from_entry(epoch: str, entry: list[Any]) -> Arrival:
    """Read an entry of a stream: id, end, body."""
    offset, _, mark = entry[0].partition(b"-")
    return Arrival(epoch, int(offset), int(mark), int(entry[1]), entry[2])


class Reading(NamedTuple):
    """What `read.lua` returned.

    Attributes:
        now: the server's clock, milliseconds.
        mark: mark of the publication at the offset that was asked about; `None` if it isn't kept.
        entries: oldest first.
    """

    top: Position
    now: int
    mark: int | None
    entries: list[Arrival]


def reading(reply: list[Any]) -> Reading:
    """Read the reply of `read.lua`."""
    epoch = reply[0].decode()
    mark = int(reply[3]) if reply[3] else None
    return Reading(Position(epoch, reply[1]), reply[2], mark, [from_entry(epoch, entry) for entry in reply[4]])

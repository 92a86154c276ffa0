"""One channel as a subscriber sees it: how far it came, and what it missed. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels.model import START, Position

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Joined:
    """A subscription was answered.

    Attributes:
        position: top of the channel; `None` when it keeps no history.
        asked: the position that the client wanted to go on from.
        recovered: as in the reply; `None` when nothing was asked for.
    """

    channel: str
    subscribers: int
    position: Position | None
    asked: Position | None
    recovered: bool | None
    replayed: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Publications are missing, or may be.

    Attributes:
        missing: how many; `None` when that can't be known.
    """

    channel: str
    after: Position | None
    before: Position | None
    missing: int | None


@dataclass(frozen=True, slots=True)
class Repeated:
    """A publication came that stands at or before one that came earlier: the hub broke its word."""

    channel: str
    after: Position
    again: Position


def position_of(message: Message) -> Position | None:
    """Read `epoch` and `offset`; `None` when they are not there."""
    epoch, offset = message.get("epoch"), message.get("offset")
    return Position(epoch, offset) if isinstance(epoch, str) and isinstance(offset, int) else None


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


class Stream:
    """Follows the positions of one channel over any number of connections.

    Args:
        start: where to begin; `START` for all that history holds; `None` for what comes from now on.
    """

    def __init__(self, channel: str, start: Position | None = None) -> None:
        self.channel = channel
        self.position = start
        self._joined = False

    def since(self) -> dict[str, Any] | None:
        """What to ask for when subscribing."""
        if self.position is None:
            return None
        if self.position == START:
            return {"offset": 0}
        return {"epoch": self.position.epoch, "offset": self.position.offset}

    def join(self, reply: Message) -> tuple[Joined, Gap | None]:
        """Take the reply to a subscribe.

        After `recovered: true` the next publication must follow the position that was asked for. After `false` the
        replay may begin anywhere, and without a replay the stream goes on from its top.
        """
        asked, top, replayed = self.position, position_of(reply), _count(reply.get("replayed"))
        recovered = None if asked is None else reply.get("recovered") is True
        joined = Joined(self.channel, _count(reply.get("subscribers")), top, asked, recovered, replayed)
        was_here, self._joined = self._joined, True
        if asked is not None and recovered:
            self.position = asked if asked.epoch or top is None else Position(top.epoch, asked.offset)
            return joined, None
        self.position = START if replayed and top is not None else top
        lost = was_here if asked is None else asked != START
        return joined, Gap(self.channel, asked, top, None) if lost else None

    def receive(self, publication: Message) -> Gap | Repeated | None:
        """Take a publication; tell if it isn't the one that had to come."""
        here, there = self.position, position_of(publication)
        if there is None:
            return None
        if here is None or here == START:
            self.position = there
            return None
        if there.epoch == here.epoch and there.offset <= here.offset:
            return Repeated(self.channel, here, there)
        self.position = there
        if there.epoch != here.epoch:
            return Gap(self.channel, here, there, None)
        missing = there.offset - here.offset - 1
        # A key marks a conflated channel: there, and only there, offsets may skip.
        return Gap(self.channel, here, there, missing) if missing and "key" not in publication else None

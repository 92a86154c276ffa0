"""What a client notes of one channel, in the order in which it came. Nothing is left out and nothing put right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from channels.model import Position


class Entered(NamedTuple):
    """The reply to a subscribe.

    Attributes:
        since: what the client asked for; `None` the first time.
        top: the reply's position.
        replayed: publications that follow at once.
    """

    since: Position | None
    top: Position
    recovered: bool | None = None
    replayed: int = 0


class Got(NamedTuple):
    """A publication. `key` is its conflation key."""

    position: Position
    id: str
    key: str | None = None


class Told(NamedTuple):
    """A `gap`: what lies between the last publication and `until` is lost."""

    until: Position


class Cut(NamedTuple):
    """The connection ended. `code` is the close code, `None` when there was none."""

    code: int | None = None


Event: TypeAlias = Entered | Got | Told | Cut


@dataclass(slots=True)
class Diary:
    """What one client noted of one channel."""

    client: str
    channel: str
    events: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Kept:
    """What the broker holds of a channel at the end.

    Attributes:
        entries: id and conflation key by offset.
    """

    top: Position
    entries: dict[int, tuple[str, str | None]] = field(default_factory=dict)


@dataclass(slots=True)
class Acknowledged:
    """What one publisher was told about one channel.

    Attributes:
        places: position by id, in the order of publishing; `None` for what was only accepted, to be published later.
        again: positions that were answered for an id that was published again on purpose.
    """

    publisher: str
    channel: str
    places: dict[str, Position | None] = field(default_factory=dict)
    again: list[tuple[str, Position]] = field(default_factory=list)


class Fault(NamedTuple):
    """A broken promise."""

    who: str
    channel: str
    what: str
    detail: str

    def __str__(self) -> str:
        return f"{self.who} on {self.channel}: {self.what}: {self.detail}"

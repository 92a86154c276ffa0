"""What comes from a hub, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple


class Position(NamedTuple):
    """Where a publication stands in its channel. Offsets of one epoch rise by one; those of two can't be compared."""

    epoch: str
    offset: int


START: Final = Position("", 0)
"""As `since`: all that history holds."""


@dataclass(frozen=True, slots=True)
class Message:
    """A publication.

    Attributes:
        timestamp: when it was published: UTC, ISO 8601.
        position: `None` on channels that keep no history.
        key: on conflated channels, which earlier publication this one replaces.
    """

    channel: str
    type: str
    data: Any
    timestamp: str
    position: Position | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Publications between two messages are missing, or may be, and can't be had any more.

    Attributes:
        after: position of the last message before the gap; `None` when there was none or it had no position.
        missing: how many; `None` when that can't be known.
    """

    channel: str
    after: Position | None
    missing: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Member:
    """One connection on a channel. `user` is `None` for somebody without a token."""

    client_id: str
    user: str | None
    session: str
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody came to the channel."""

    channel: str
    member: Member
    timestamp: str


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody left the channel."""

    channel: str
    member: Member
    timestamp: str


Event = Message | Gap | Joined | Left


@dataclass(frozen=True, slots=True)
class Published:
    """Where a publication went.

    Attributes:
        position: `None` on channels without history, and while it is `queued`.
        subscribers: connections that it was handed to, in the hub's process that took it.
        duplicate: it was published before, with the same idempotency key; `position` is the first one's.
        queued: the hub has taken it, and publishes it when its broker is back.
        superseded: its `version` was not newer than the channel's; it was not published.
    """

    channel: str
    position: Position | None
    subscribers: int = 0
    duplicate: bool = False
    queued: bool = False
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """A piece of history.

    Attributes:
        top: position of the channel's newest publication.
        recovered: it is everything after `since`; `None` without `since`.
    """

    messages: tuple[Message, ...]
    top: Position
    recovered: bool | None


@dataclass(frozen=True, slots=True)
class PresenceState:
    """Who is on a channel. `members` is `None` when only the counts were asked for."""

    clients: int
    users: int
    members: tuple[Member, ...] | None


class State(StrEnum):
    """How a client stands with its hub."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    DEGRADED = "degraded"
    """Connected to a hub that has lost its broker: publications may be late. Positions stay valid."""
    RECONNECTING = "reconnecting"
    CLOSED = "closed"


Details = Mapping[str, Any]

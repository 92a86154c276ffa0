"""What moves through the hub: publications, their positions, and the names of channels.

Everything here is an immutable value. `data` travels as JSON text from the moment it is accepted: a publisher may
change its own object afterwards, and no layer below encodes it a second time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

NAME_MAX: Final = 128
"""Longest channel name, client id or user id, in characters."""

NAME_PATTERN: Final = rf"^[A-Za-z0-9._:@-]{{1,{NAME_MAX}}}$"
"""Grammar of channel names, client ids and user ids. Bad names are refused, never rewritten."""

_is_name = re.compile(NAME_PATTERN.replace("$", r"\Z")).match


def is_name(text: str) -> bool:
    """Tell whether `text` may name a channel, a client or a user."""
    return _is_name(text) is not None


class Channels:
    """The six fixed channels. Others are declared in the configuration."""

    ERROR_FIREWALL: Final = "error_firewall"
    VECTOR_SEARCH: Final = "vector_search"
    DB_POOL_STATS: Final = "db_pool_stats"
    AI_ANALYSIS: Final = "ai_analysis"
    MEMORY_UPDATES: Final = "memory_updates"
    SYSTEM_ALERTS: Final = "system_alerts"

    @classmethod
    def all(cls) -> list[str]:
        """Return the six names, in the order in which they are documented."""
        return [
            cls.ERROR_FIREWALL,
            cls.VECTOR_SEARCH,
            cls.DB_POOL_STATS,
            cls.AI_ANALYSIS,
            cls.MEMORY_UPDATES,
            cls.SYSTEM_ALERTS,
        ]


NAMESPACES: Final = ("user", "room", "session", "job")
"""Prefixes (before the first colon) of channels that come and go with what they are named after."""


def namespace_of(channel: str) -> tuple[str, str] | None:
    """Split `room:ops` into `("room", "ops")`; `None` for a channel outside the namespaces, and for what is no name."""
    prefix, colon, rest = channel.partition(":")
    return (prefix, rest) if colon and rest and prefix in NAMESPACES and is_name(channel) else None


def user_channel(user: str) -> str:
    """Name the channel that only `user` sees."""
    return f"user:{user}"


class Position(NamedTuple):
    """A place in a channel's stream.

    Offsets start at 1 and rise by one. They can be compared only within one epoch: a channel whose stream was lost
    starts a new one, so that an old offset can't be mistaken for a new one.
    """

    epoch: str
    offset: int


START: Final = Position("", 0)
"""Asks for a channel from its very beginning, whatever its epoch."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A publication before it has a position.

    Attributes:
        data: JSON text, UTF-8.
        timestamp: time of publishing, ISO 8601, UTC, ends in `Z`.
        key: on a conflated channel, a later publication with the same key replaces this one.
        exclude: client id that must not get it.
        idempotency_key: publishing again with the same key within the broker's window changes nothing.
        version: of what the publication tells about; one that is not newer than the channel's newest is not published.
    """

    channel: str
    type: str
    data: bytes
    timestamp: str
    key: str | None = None
    exclude: str | None = None
    idempotency_key: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """What subscribers get. `position` is `None` on a channel that keeps no history."""

    channel: str
    type: str
    data: bytes
    timestamp: str
    position: Position | None = None
    key: str | None = None
    exclude: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """The answer to a publish.

    Attributes:
        subscribers: connections of this process that it was handed to.
        duplicate: an earlier publish had the same idempotency key; `position` is that one's.
        superseded: the channel has seen this version or a newer one; nothing was published, `position` is the top.
        queued: the broker is away; it is published when that is back, and has no position until then.
    """

    position: Position | None
    subscribers: int = 0
    duplicate: bool = False
    superseded: bool = False
    queued: bool = False


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The answer to a subscribe.

    Attributes:
        subscribers: connections on the channel in this process, this one included.
        position: top of the channel at this moment; `None` without history.
        recovered: `None` when nothing was asked for.
        missed: what to send before anything else, oldest first.
    """

    subscribers: int
    position: Position | None = None
    recovered: bool | None = None
    missed: tuple[Publication, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Publications of a channel that can't be had any more.

    Attributes:
        after: the last that could; `None` when it isn't known.
        until: where the channel goes on: the next publication comes after this position.
    """

    channel: str
    after: Position | None
    until: Position


@dataclass(frozen=True, slots=True)
class History:
    """A piece of a channel's stream, oldest first.

    Attributes:
        top: position of the newest publication ever made on the channel (offset 0 before the first).
        recovered: `True` when `publications` is exactly what came after the position that was asked for.
    """

    publications: tuple[Publication, ...]
    top: Position
    recovered: bool


@dataclass(frozen=True, slots=True)
class Member:
    """One connection that is present on a channel; `since` is ISO 8601, UTC."""

    client_id: str
    user: str | None
    session: str
    since: str


@dataclass(frozen=True, slots=True)
class PresenceState:
    """Who is on a channel. `members` is `None` when only the counts were asked for."""

    clients: int
    users: int
    members: tuple[Member, ...] | None = None

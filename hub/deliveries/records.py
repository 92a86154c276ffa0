"""What is remembered of a session: from where to where it was on a channel, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, cast

from channels.model import Position

R = TypeVar("R")


@dataclass(slots=True)
class Stay:
    """A session on a channel: it was sent every publication after `begin`, up to and with `end`.

    Attributes:
        at: when it began, in seconds since 1970, as all times here.
        begin: the channel's top at that moment; `None` without history.
        before: what the process had delivered there last at that moment; it may be older than `begin`.
        end: the last publication that was written to the session; while it lasts, as of now.
        left: when it ended; `None` while it lasts.
        why: code of what ended it, when neither the client nor the end of the connection did.
        since: the position that the client said it had seen last.
        recovered: as in the reply to `subscribe`.
        replayed: first and last offset of what was replayed, in the epoch of `begin`.
        interval: seconds between two publications of one key; 0: all.
    """

    channel: str
    at: float
    begin: Position | None
    before: Position | None = None
    end: Position | None = None
    left: float | None = None
    why: str = ""
    since: Position | None = None
    recovered: bool | None = None
    replayed: tuple[int, int] | None = None
    interval: float = 0.0

    def was_sent(self, position: Position) -> bool:
        """Tell whether a publication was sent as it was published."""
        begin, end = self.begin, self.end
        if begin is None or end is None:
            return False
        after = position.epoch == begin.epoch and position.offset > begin.offset
        until = position.epoch == end.epoch and position.offset <= end.offset
        if begin.epoch == end.epoch:
            return after and until
        return after or until  # the stream was begun anew meanwhile

    def was_replayed(self, position: Position) -> bool:
        """Tell whether a publication was in what the session was sent when it subscribed."""
        if self.begin is None or self.replayed is None or position.epoch != self.begin.epoch:
            return False
        first, last = self.replayed
        return first <= position.offset <= last


@dataclass(slots=True)
class Refusal:
    """A session was not let onto a channel."""

    channel: str
    at: float
    code: str


@dataclass(slots=True)
class Hole:
    """A gap that the hub announced: publications that it could not have, and sent to nobody here.

    Attributes:
        after: the last publication before it; `None`: unknown.
        until: where the channel goes on.
    """

    channel: str
    at: float
    after: Position | None
    until: Position

    def covers(self, position: Position) -> bool:
        """Tell whether a publication is among them."""
        after, until = self.after, self.until
        if position.epoch == until.epoch:
            known = after is not None and after.epoch == until.epoch
            return position.offset <= until.offset and (not known or position.offset > cast(Position, after).offset)
        return after is not None and position.epoch == after.epoch and position.offset > after.offset


@dataclass(slots=True)
class SessionRecord:
    """One session.

    Attributes:
        closed: when its connection ended, or began to be closed; `None` while it is open.
        code: the close code; see `hub.connection.Connection.close_code`.
        answered: when the newest ping was sent that the client answered: what was written before has arrived.
        heartbeat: seconds between its pings, 0 without.
        waiting: bytes that wait because the client doesn't read.
        dropped: events that the bound has pushed out.
    """

    session: str
    client_id: str
    user: str | None
    address: str
    transport: str
    node: str
    opened: float
    closed: float | None = None
    code: int | None = None
    answered: float | None = None
    heartbeat: float = 0.0
    waiting: int = 0
    dropped: int = 0
    stays: list[Stay] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)


def as_json(record: Any) -> dict[str, Any]:
    """Write a record, and what is in it, for another process."""
    return {each.name: _plain(getattr(record, each.name)) for each in fields(record)}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return list(value) if isinstance(value, tuple) else value


def session_of(message: Mapping[str, Any]) -> SessionRecord:
    """Read what another process wrote."""
    record = SessionRecord(**message)
    record.stays = [_read(Stay, each) for each in message["stays"]]
    record.refusals = [_read(Refusal, each) for each in message["refusals"]]
    record.holes = [_read(Hole, each) for each in message["holes"]]
    return record


_POSITIONS = frozenset({"begin", "before", "end", "since", "after", "until"})


def _read(kind: type[R], message: Mapping[str, Any]) -> R:
    def value_of(name: str, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return Position(*value) if name in _POSITIONS else tuple(value)

    return kind(**{name: value_of(name, value) for name, value in message.items()})

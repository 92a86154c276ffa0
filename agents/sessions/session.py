"""A chat session, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from channels.clock import iso

if TYPE_CHECKING:
    from sqlalchemy.engine import RowMapping

TITLE_MAX: Final = 200
"""Characters of a title."""

_FROM_TEXT: Final = 80
"""Characters of a title that is taken from a message."""


class Place(NamedTuple):
    """Where a page of sessions begins: after this one, in the order of the list."""

    updated_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Session:
    """A chat session.

    Attributes:
        last_seq: the newest event's number.
        updated_at: when something happened in it.
        active_runs: runs that wait or are at work.
    """

    id: UUID
    title: str
    last_seq: int
    created_at: datetime
    updated_at: datetime
    active_runs: int = 0

    @classmethod
    def of(cls, row: RowMapping, active_runs: int = 0) -> Session:
        """Read a row of `chat_sessions`."""
        return cls(row["id"], row["title"], row["last_seq"], row["created_at"], row["updated_at"], active_runs)

    @property
    def channel(self) -> str:
        """The hub's channel on which its events come."""
        return f"session:{self.id}"

    def as_dict(self) -> dict[str, Any]:
        """Return what its owner is shown."""
        return {
            "id": str(self.id),
            "title": self.title,
            "last_seq": self.last_seq,
            "channel": self.channel,
            "created_at": iso(self.created_at.timestamp()),
            "updated_at": iso(self.updated_at.timestamp()),
            "active_runs": self.active_runs,
        }


def title_from(text: str) -> str:
    """Make a title of a session's first message: its first line that has something, cut at a word."""
    line = next((" ".join(line.split()) for line in text.splitlines() if line.strip()), "")
    if len(line) <= _FROM_TEXT:
        return line
    cut = line[: _FROM_TEXT - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > _FROM_TEXT // 2 else cut).rstrip() + "\u2026"

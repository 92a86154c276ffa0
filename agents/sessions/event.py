"""One event of a session's log, as it is stored, told and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from channels.clock import iso

if TYPE_CHECKING:
    from sqlalchemy.engine import RowMapping


@dataclass(frozen=True, slots=True)
class Event:
    """What happened in a session.

    Attributes:
        seq: its number: 1, 2, 3... in each session, without a gap.
        task_id: the run that it is about.
        data: its own fields (`agents.sessions.events`).
        created_at: by the database's clock; never before that of the event before.
    """

    session_id: UUID
    seq: int
    type: str
    task_id: UUID | None
    agent_id: UUID | None
    data: Mapping[str, Any]
    created_at: datetime

    @classmethod
    def of(cls, row: RowMapping) -> Event:
        """Read a row of `session_events`."""
        return cls(
            row["session_id"],
            row["seq"],
            row["type"],
            row["task_id"],
            row["agent_id"],
            row["data"],
            row["created_at"],
        )

    @property
    def fields(self) -> dict[str, Any]:
        """The event's data as it goes out: on the channel, in streams and lists alike."""
        return {
            "seq": self.seq,
            "run_id": _text(self.task_id),
            "agent_id": _text(self.agent_id),
            "timestamp": iso(self.created_at.timestamp()),
            **self.data,
        }


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)

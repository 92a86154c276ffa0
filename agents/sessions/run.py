"""A run: a message of a user, and what an agent does to answer it. A row of `tasks`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from channels.clock import iso

RunStatus = Literal["waiting", "queued", "running", "completed", "failed", "cancelled", "interrupted"]
IfActive = Literal["queue", "reject", "steer"]

OPEN: Final = ("waiting", "queued", "running")
ACTIVE: Final = ("queued", "running")
"""Of these a session has one at most."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a user wants of an agent.

    Attributes:
        target_agent: name or id; empty: the text, the session or the user's agents say who is meant.
        if_active: what to do when a run of the session goes on: wait behind it, be refused, or stop it and go first.
        priority: higher comes first among the tasks of an agent.
        idempotency_key: the same key in the same session is the same run.
    """

    content: str
    target_agent: str = ""
    if_active: IfActive = "queue"
    priority: int = 0
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run, as it is stored and shown.

    Attributes:
        agent_name: of an agent that is gone, what it was called when it was asked.
        message_id: the user's message.
        error: `code`, `message`, `temporary`; only of runs that failed or were interrupted.
        usage: tokens, as the model's provider reported them.
        reply_id: the message that it wrote; `None` when there is no text.
    """

    id: UUID
    session_id: UUID
    agent_id: UUID | None
    agent_name: str
    message_id: UUID
    status: RunStatus
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    error: Mapping[str, Any] | None
    usage: Mapping[str, Any] | None
    reply_id: UUID | None

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Run:
        """Read a row that `runs_of` selects."""
        result = row["result"] or {}
        reply = result.get("reply_id")
        return cls(
            row["id"],
            row["session_id"],
            row["agent_id"],
            row["agent_name"] or row["request"].get("agent", ""),
            row["message_id"],
            row["status"],
            row["created_at"],
            row["started_at"],
            row["completed_at"],
            result.get("error"),
            result.get("usage"),
            None if reply is None else UUID(reply),
        )

    @property
    def has_ended(self) -> bool:
        """Whether it never changes again."""
        return self.status not in OPEN

    def as_dict(self) -> dict[str, Any]:
        """Return what its owner is shown."""
        return {
            "id": str(self.id),
            "session_id": str(self.session_id),
            "agent_id": _text(self.agent_id),
            "agent_name": self.agent_name,
            "message_id": str(self.message_id),
            "status": self.status,
            "created_at": iso(self.created_at.timestamp()),
            "started_at": _time(self.started_at),
            "completed_at": _time(self.completed_at),
            "error": self.error,
            "usage": self.usage,
            "reply_id": _text(self.reply_id),
        }


def reply_id(run_id: UUID) -> UUID:
    """The id of the message that a run writes: known before there is one, and no run can write two."""
    return uuid5(run_id, "reply")


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def _time(time: datetime | None) -> str | None:
    return None if time is None else iso(time.timestamp())

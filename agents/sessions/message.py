"""A message of a session, as it is stored and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from channels.clock import iso

if TYPE_CHECKING:
    from sqlalchemy.engine import RowMapping

Role = Literal["system", "user", "assistant", "tool"]
Status = Literal["complete", "partial"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message.

    Attributes:
        seq: the event that told of it: the order of a session's messages.
        agent_name: of the agent that wrote it, or was asked; "" when there is none, or no longer.
        run_id: the run that wrote it.
        status: `partial`: the answer was stopped or broke off.
        citations: the memories that an answer names, by the number that stands in its text.
        usage: tokens, as the model's provider reported them.
    """

    id: UUID
    seq: int
    role: Role
    content: str
    agent_id: UUID | None
    agent_name: str
    run_id: UUID | None
    status: Status
    citations: Sequence[Mapping[str, Any]]
    usage: Mapping[str, Any] | None
    created_at: datetime

    @classmethod
    def of(cls, row: RowMapping) -> Message:
        """Read a row of `messages` that was joined with its agent's name (`agent_name`)."""
        return cls(
            row["id"],
            row["seq"],
            row["role"],
            row["content"],
            row["agent_id"],
            row["agent_name"] or "",
            row["task_id"],
            row["status"],
            row["citations"] or (),
            row["usage"],
            row["created_at"],
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what its owner is shown."""
        return {
            "id": str(self.id),
            "seq": self.seq,
            "role": self.role,
            "content": self.content,
            "agent_id": None if self.agent_id is None else str(self.agent_id),
            "agent_name": self.agent_name,
            "run_id": None if self.run_id is None else str(self.run_id),
            "status": self.status,
            "citations": list(self.citations),
            "usage": self.usage,
            "created_at": iso(self.created_at.timestamp()),
        }

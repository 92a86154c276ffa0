"""What was said in a session before a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_
from sqlalchemy.engine import RowMapping

from agents.models.port import PromptMessage
from agents.sessions.run import OPEN
from agents.store.scope import Work
from agents.store.tables import messages, tasks


@dataclass(frozen=True, slots=True)
class Asked:
    """The user's message that a run answers.

    Attributes:
        seq: of the event that told of it.
        again: it was answered before; what came after it isn't shown to the model.
    """

    id: UUID
    content: str
    seq: int
    again: bool = False


async def read_history(work: Work, session_id: UUID, asked: Asked, most: int) -> list[PromptMessage]:
    """Read what was said before, oldest first.

    A turn (a message and its answer) stands where it was answered, not where it was asked: a message may have been sent
    while another was being answered. Messages that still wait for their answer aren't part of it, nor is `asked`. Of
    several answers to one message the last counts.

    Args:
        most: messages at most, the newest.
    """
    if most <= 0:
        return []
    joined = messages.outerjoin(tasks, and_(tasks.c.id == messages.c.task_id, tasks.c.user_id == messages.c.user_id))
    statement = (
        work.select(
            messages,
            messages.c.id,
            messages.c.role,
            messages.c.content,
            messages.c.seq,
            messages.c.created_at,
            tasks.c.message_id.label("turn"),
            tasks.c.started_at,
        )
        .select_from(joined)
        .where(
            messages.c.session_id == session_id,
            messages.c.role.in_(("user", "assistant")),
            # Neither the message itself, nor earlier answers to it.
            or_(tasks.c.message_id.is_(None), tasks.c.message_id != asked.id),
            or_(tasks.c.status.is_(None), tasks.c.status.not_in(OPEN)),
        )
        .order_by(messages.c.seq.desc())
        # Turns may stand in another order than their messages: some more are read, so that the newest are among them.
        .limit(2 * most + 20)
    )
    if asked.again:
        statement = statement.where(messages.c.seq < asked.seq)
    return _in_turns(await work.all(statement))[-most:]


def _in_turns(rows: Sequence[RowMapping]) -> list[PromptMessage]:
    begun: dict[UUID, datetime] = {}
    answers: dict[UUID, RowMapping] = {}
    for row in sorted(rows, key=lambda row: int(row["seq"])):
        turn = _turn(row)
        time = row["started_at"] or row["created_at"]
        begun[turn] = min(begun.get(turn, time), time)
        if row["role"] == "assistant":
            answers[turn] = row
    kept = [row for row in rows if row["role"] == "user" or answers[_turn(row)] is row]
    kept.sort(key=lambda row: (begun[_turn(row)], row["role"] != "user", row["seq"]))
    return [PromptMessage(row["role"], row["content"]) for row in kept]


def _turn(row: RowMapping) -> UUID:
    """The user's message of the turn that a message belongs to."""
    turn: UUID = row["id"] if row["role"] == "user" else row["turn"] or row["id"]
    return turn

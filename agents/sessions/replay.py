"""What a stream of a session begins with: the events that its client missed, or a snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.engine import RowMapping

from agents.sessions.entry import DELTA
from agents.sessions.event import Event
from agents.sessions.run import OPEN, Run, reply_id
from agents.sessions.session import Session
from agents.sessions.sessions import messages_of, not_found
from agents.sessions.together import Together
from agents.store.columns import is_one_of
from agents.store.scope import Scope, Work
from agents.store.tables import chat_sessions, messages, session_events, tasks, user_agents

MESSAGES: Final = 50
"""Messages that a snapshot has: the newest ones."""

_PREFIX: Final = "of_session_"


@dataclass(frozen=True, slots=True)
class Missing:
    """Events that can't be replayed.

    Attributes:
        begin: the number after which they come.
        end: the newest event's number; the snapshot that follows has everything up to it.
        reason: `ahead` (the log ends before `begin`), `expired` (pieces of answers that are complete by now), or
            `too_many`.
    """

    begin: int
    end: int
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """Return what the client is told."""
        return {"from": self.begin, "to": self.end, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Start:
    """What a stream begins with: events, or a snapshot, perhaps with what is missing before it.

    Attributes:
        seq: where the client is afterwards.
        published: up to which the hub's channel was known to have the events.
    """

    seq: int
    published: int
    events: Sequence[Event] = ()
    snapshot: Mapping[str, Any] | None = None
    missing: Missing | None = None


@dataclass(frozen=True, slots=True)
class _State:
    """A session and its open runs, as of one moment."""

    session: Session
    published: int
    runs: list[Run] = field(default_factory=list)

    @property
    def seq(self) -> int:
        return self.session.last_seq


class Replays:
    """Reads the beginnings of streams.

    Args:
        most: events that are replayed; who missed more gets a snapshot.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._together: Together[Start] = Together()

    async def read(
        self, scope: Scope, session_id: UUID, *, after: int | None = None, since: datetime | None = None
    ) -> Start:
        """Read what comes after a position, or a snapshot without one.

        Args:
            after: the number of the newest event that the client has; 0 asks for all.
            since: the time from which it wants the events.

        Raises:
            ReplyError: `not_found`, `unavailable`.
        """
        return await self._together.read(
            (scope, session_id, after, since), lambda: self._read(scope, session_id, after, since)
        )

    async def _read(self, scope: Scope, session_id: UUID, after: int | None, since: datetime | None) -> Start:
        async with scope.begin() as work:
            state = await _state(work, session_id)
            if after is None and since is not None:
                after = await _before(work, session_id, since, state.seq)
            if after is None:
                return await _snapshot(work, state)
            if after > state.seq:
                return await _snapshot(work, state, Missing(after, state.seq, "ahead"))
            if state.seq - after > self._most:
                return await _snapshot(work, state, Missing(after, state.seq, "too_many"))
            events = await _events(work, session_id, after, state.seq)
            if len(events) < state.seq - after:
                return await _snapshot(work, state, Missing(after, state.seq, "expired"))
        return Start(state.seq, state.published, events)


async def _state(work: Work, session_id: UUID) -> _State:
    """Read a session with its open runs. One statement, so that the runs are those of the number that comes with it:
    what is read later can be cut off there, since the log is only added to."""
    own = [column.label(_PREFIX + column.name) for column in chat_sessions.c]
    of_runs = [column for column in tasks.c if column.name != "trace"]
    rows = await work.all(
        work.select(chat_sessions, *own, *of_runs, user_agents.c.name.label("agent_name"))
        .outerjoin(
            tasks,
            (tasks.c.session_id == chat_sessions.c.id) & is_one_of(tasks.c.status, OPEN) & work.owned(tasks),
        )
        .outerjoin(user_agents, (user_agents.c.id == tasks.c.agent_id) & work.owned(user_agents))
        .where(chat_sessions.c.id == session_id)
        .order_by(tasks.c.position, tasks.c.created_at)
    )
    if not rows:
        raise not_found(session_id)
    runs = [Run.of(row) for row in rows if row["id"] is not None]
    first = rows[0]
    return _State(_session(first, len(runs)), first[_PREFIX + "published_seq"], runs)


def _session(row: RowMapping, active_runs: int) -> Session:
    id, title, last_seq, created_at, updated_at = (
        row[_PREFIX + name] for name in ("id", "title", "last_seq", "created_at", "updated_at")
    )
    return Session(id, title, last_seq, created_at, updated_at, active_runs)


async def _before(work: Work, session_id: UUID, time: datetime, last: int) -> int:
    """Return the number of the last event before a time; 0 when there is none."""
    columns = session_events.c
    found = await work.scalar(
        work.select(session_events, func.min(columns.seq)).where(
            columns.session_id == session_id, columns.created_at >= time, columns.seq <= last
        )
    )
    return last if found is None else int(found) - 1


async def _events(work: Work, session_id: UUID, after: int, until: int) -> list[Event]:
    columns = session_events.c
    rows = await work.all(
        work.select(session_events)
        .where(columns.session_id == session_id, columns.seq > after, columns.seq <= until)
        .order_by(columns.seq)
    )
    return [Event.of(row) for row in rows]


async def _snapshot(work: Work, state: _State, missing: Missing | None = None) -> Start:
    session = state.session
    shown = await messages_of(work, session.id, MESSAGES, before=state.seq + 1)
    texts = await _texts(work, state)
    snapshot = {
        "seq": state.seq,
        "session": session.as_dict(),
        "messages": [message.as_dict() for message in shown],
        "runs": [
            {**run.as_dict(), "reply_id": str(reply_id(run.id)), "text": texts.get(run.id, "")} for run in state.runs
        ],
    }
    return Start(state.seq, state.published, (), snapshot, missing)


async def _texts(work: Work, state: _State) -> dict[UUID, str]:
    """Return what open runs have written so far."""
    if not state.runs:
        return {}
    columns = session_events.c
    # No run writes before its message is there; without this bound the whole log would be looked through.
    begin = await work.scalar(
        work.select(messages, func.min(messages.c.seq)).where(
            messages.c.session_id == state.session.id, messages.c.id.in_([run.message_id for run in state.runs])
        )
    )
    rows = await work.all(
        work.select(session_events, columns.task_id, columns.data)
        .where(
            columns.session_id == state.session.id,
            columns.seq > (begin or 0),
            columns.seq <= state.seq,
            columns.type == DELTA,
            columns.task_id.in_([run.id for run in state.runs]),
        )
        .order_by(columns.seq)
    )
    pieces: dict[UUID, list[str]] = {}
    for row in rows:
        pieces.setdefault(row["task_id"], []).append(row["data"]["text"])
    return {run: "".join(texts) for run, texts in pieces.items()}

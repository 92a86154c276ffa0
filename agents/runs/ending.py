"""How a run ends, whoever ends it: the answer's message, the run's row and the last event, in one transaction; and the
session's next run gets its turn in the same one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.engine import RowMapping

from agents.catalog.status import locked, settled
from agents.sessions.entry import DELTA, Entry, storable
from agents.sessions.message import Message
from agents.sessions.run import OPEN, Run, reply_id
from agents.sessions.run_rows import runs_of
from agents.store.columns import is_one_of
from agents.store.scope import Work
from agents.store.tables import session_events, tasks

TASK_COMPLETED: Final = "TASK_COMPLETED"
TASK_CANCELLED: Final = "TASK_CANCELLED"
ERROR: Final = "ERROR"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run gave no answer, for people. Without a secret.

    Attributes:
        temporary: whether trying later may help.
    """

    code: str
    message: str
    temporary: bool

    def as_dict(self) -> dict[str, Any]:
        """Return what its owner is shown."""
        return {"code": self.code, "message": self.message, "temporary": self.temporary}


AGENT_GONE: Final = Failure("not_found", "the agent was deleted before it could answer; ask another one", False)
INTERRUPTED: Final = Failure("interrupted", "the process that answered has ended; try again", True)


@dataclass(frozen=True, slots=True)
class Ending:
    """An end of a run.

    Attributes:
        text: the answer, or what there is of it.
        reason: why it was cancelled: `stopped`, `steered` or `agent_removed`.
        model: that answered, which is another than was asked first when that one failed; empty: none has.
        citations: the memories that the text names.
    """

    status: Literal["completed", "failed", "cancelled", "interrupted"]
    text: str = ""
    error: Failure | None = None
    reason: str = ""
    model: str = ""
    usage: Mapping[str, Any] | None = None
    citations: Sequence[Mapping[str, Any]] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Due:
    """A run that has its turn: it is to be offered to its agent's queue once the transaction is committed."""

    agent_id: UUID
    run_id: UUID
    priority: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run as it is, and what it wrote.

    Attributes:
        reply: `None`: nothing, or it goes on.
    """

    run: Run
    reply: Message | None = None


async def end(entry: Entry, row: RowMapping, ending: Ending, *, promotes: bool = True) -> Due | None:
    """End a run whose session is locked; return the run that is next.

    Args:
        row: of `runs_of`, read in this transaction; the run is open.
        promotes: whether the session's next run gets its turn.
    """
    await finish(entry, row, ending)
    return await promote(entry) if promotes else None


async def finish(entry: Entry, row: RowMapping, ending: Ending) -> Outcome:
    """End a run whose session is locked, and nothing else; see `end`."""
    reply = None
    if ending.text:
        reply = await entry.append_message(
            "assistant",
            ending.text,
            id=reply_id(row["id"]),
            agent_id=row["agent_id"],
            agent_name=row["agent_name"] or "",
            task_id=row["id"],
            status="complete" if ending.status == "completed" else "partial",
            citations=ending.citations,
            usage=ending.usage,
        )
    reply_text = None if reply is None else str(reply.id)
    result = _result(row, ending, reply_text)
    values = {"status": ending.status, "result": result, "completed_at": entry.now, "lease_until": None}
    await leave(entry, row, values, failed=ending.status == "failed")
    await entry.append(*_event(ending, reply_text, _seconds(entry, row)), row["id"], row["agent_id"])
    return Outcome(Run.of({**row, **values}), reply)


async def leave(entry: Entry, row: RowMapping, values: Mapping[str, Any], *, failed: bool = False) -> None:
    """Change a run that isn't worked on any more, and what its agent does. Append an event, too."""
    work, agent = entry.work, row["agent_id"]
    changed = work.update(tasks).where(tasks.c.id == row["id"]).values(**values)
    if agent is None:
        await work.run(changed)
        return
    # One round trip for both. What the agent does then follows from both, and so has to be a later statement.
    await work.run(locked(work, agent).add_cte(changed.cte("changed")))
    entry.change(settled(work, agent, failed=failed), of=agent)


async def promote(entry: Entry) -> Due | None:
    """Give the session's next run its turn, when none has it; return it."""
    rows = await open_runs(entry, 1)
    return await give(entry, rows[0]) if rows else None


async def open_runs(entry: Entry, most: int) -> Sequence[RowMapping]:
    """Read runs of a session that haven't ended: what is active comes first, then what waits, in its order."""
    of_session = (tasks.c.session_id == entry.session_id, is_one_of(tasks.c.status, OPEN))
    order = (tasks.c.status == "waiting", tasks.c.position, tasks.c.created_at)
    return await entry.work.all(runs_of(entry.work).where(*of_session).order_by(*order).limit(most))


async def give(entry: Entry, row: RowMapping) -> Due | None:
    """Give a run its turn, if it waits for it: the first of `open_runs` when none is active."""
    if row["status"] != "waiting":
        return None
    if row["agent_id"] is None:
        return await end(entry, row, Ending("failed", error=AGENT_GONE))
    await entry.work.run(entry.work.update(tasks).where(tasks.c.id == row["id"]).values(status="queued"))
    return Due(row["agent_id"], row["id"], row["priority"])


async def written_text(work: Work, row: RowMapping) -> str:
    """Put together what the log has of a run's answer."""
    columns = session_events.c
    since = (row["result"] or {}).get("since", 0)
    pieces = await work.all(
        work.select(session_events, columns.data)
        .where(
            columns.session_id == row["session_id"],
            columns.seq > since,
            columns.task_id == row["id"],
            columns.type == DELTA,
        )
        .order_by(columns.seq)
    )
    return "".join(piece["data"]["text"] for piece in pieces)


def _event(ending: Ending, reply: str | None, seconds: float | None) -> tuple[str, dict[str, Any]]:
    if ending.status == "completed":
        return TASK_COMPLETED, {
            "message_id": reply,
            "model": ending.model,
            "usage": ending.usage,
            "seconds": seconds,
        }
    if ending.status == "cancelled":
        return TASK_CANCELLED, {"reason": ending.reason, "message_id": reply}
    assert ending.error is not None
    return ERROR, {**ending.error.as_dict(), "message_id": reply}


def _result(row: RowMapping, ending: Ending, reply: str | None) -> dict[str, Any]:
    result = {**(row["result"] or {}), **ending.more}
    if reply is not None:
        result["reply_id"] = reply
    if ending.model:
        result["model"] = ending.model
    if ending.usage is not None:
        result["usage"] = dict(ending.usage)
    if ending.error is not None:
        result["error"] = ending.error.as_dict()
    if ending.reason:
        result["stop_reason"] = ending.reason
    return dict(storable(result))


def _seconds(entry: Entry, row: RowMapping) -> float | None:
    return None if row["started_at"] is None else round((entry.now - row["started_at"]).total_seconds(), 3)

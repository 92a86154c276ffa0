"""Stops a run whose session is locked: at once where nobody works on it, else by asking who does."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.engine import RowMapping

from agents.runs.ending import Due, Ending, end, written_text
from agents.sessions.entry import Entry
from agents.store.tables import tasks

STOPPED = "stopped"
STEERED = "steered"
AGENT_REMOVED = "agent_removed"


@dataclass(frozen=True, slots=True)
class Halted:
    """What is to be done once the transaction is committed.

    Attributes:
        agent_id, run_id: the run that the bus is to let go of.
        has_ended: nobody worked on it, so it has ended already.
        due: the run that is next.
    """

    agent_id: UUID | None
    run_id: UUID
    has_ended: bool = False
    due: Due | None = None


async def halt(entry: Entry, row: RowMapping, reason: str, *, promotes: bool = True) -> Halted:
    """Stop a run.

    Args:
        row: of `runs_of`, read in this transaction; the run is open.
        promotes: whether the session's next run gets its turn.
    """
    if row["status"] == "running" and not await _is_abandoned(entry, row):
        if row["stop_requested_at"] is None:
            result = {**(row["result"] or {}), "stop_reason": reason}
            values = {"stop_requested_at": entry.now, "result": result}
            await entry.work.run(entry.work.update(tasks).where(tasks.c.id == row["id"]).values(values))
        return Halted(row["agent_id"], row["id"])
    text = await written_text(entry.work, row) if row["status"] == "running" else ""
    due = await end(entry, row, Ending("cancelled", text, reason=reason), promotes=promotes)
    return Halted(row["agent_id"], row["id"], has_ended=True, due=due)


async def _is_abandoned(entry: Entry, row: RowMapping) -> bool:
    """Whether the process that works on a run hasn't been heard of for as long as its lease was."""
    lease = tasks.c.lease_until < func.clock_timestamp()
    return bool(await entry.work.scalar(entry.work.select(tasks, lease).where(tasks.c.id == row["id"])))

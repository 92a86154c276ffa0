"""What becomes of a run whose process works on it no more."""

from __future__ import annotations

from typing import Final

from sqlalchemy.engine import RowMapping

from agents.runs.ending import INTERRUPTED, Due, Ending, end, leave
from agents.sessions.entry import Entry

TASK_QUEUED: Final = "TASK_QUEUED"
REQUEUED: Final = "queued"


async def give_up(entry: Entry, row: RowMapping, text: str, attempts: int) -> tuple[Due | None, str]:
    """End a run that is running, or give it back to its agent's queue; return the run that is next, and what status it
    has now.

    It is cancelled when that was asked for. Nothing of an answer was written: nobody has seen any, and the model has
    changed nothing, so it may be begun anew, up to `attempts` times in all. Otherwise it is `interrupted`.

    Args:
        row: of `runs_of`, read in this transaction.
        text: what there is of the answer.
    """
    if row["stop_requested_at"] is not None:
        reason = (row["result"] or {}).get("stop_reason", "")
        return await end(entry, row, Ending("cancelled", text, reason=reason)), "cancelled"
    if text or row["attempts"] >= attempts or row["agent_id"] is None:
        return await end(entry, row, Ending("interrupted", text, INTERRUPTED)), "interrupted"
    await leave(entry, row, {"status": "queued", "node": None, "lease_until": None})
    await entry.append(TASK_QUEUED, {"ahead": 0, "attempt": row["attempts"] + 1}, row["id"], row["agent_id"])
    return Due(row["agent_id"], row["id"], row["priority"]), REQUEUED

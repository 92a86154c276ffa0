"""Hands a session's next run to the bus."""

from __future__ import annotations

import structlog

from agents.bus.bus import Bus
from agents.ports import QueueFull
from agents.runs.ending import Due
from channels.errors import ReplyError

log = structlog.get_logger(__name__)


async def give_turn(bus: Bus, due: Due | None) -> bool:
    """Offer a run to its agent's queue, once the transaction that says it has its turn is committed; tell whether that
    was done. If not, the sweep does it later (`agents.runs.recovery`)."""
    if due is None:
        return False
    try:
        await bus.submit(due.agent_id, due.run_id, due.priority)
    except (QueueFull, ReplyError) as error:
        log.info(
            "a run has its turn, and waits for room in its agent's queue", run_id=str(due.run_id), reason=str(error)
        )
        return False
    return True

"""What an agent does now, written by its tasks in the transactions in which they begin and end."""

from __future__ import annotations

from uuid import UUID

from agents.catalog.agent import Status
from agents.store.scope import Work
from agents.store.tables import tasks, user_agents


async def set_status(work: Work, agent_id: UUID, status: Status) -> None:
    """Say what an agent does. One that is gone has no status, and that is no error."""
    columns = user_agents.c
    change = work.update(user_agents).where(columns.id == agent_id, columns.status != status)
    await work.run(change.values(status=status))


async def settle(work: Work, agent_id: UUID, *, failed: bool = False) -> None:
    """Say what an agent does after one of its tasks has ended in this transaction: it is `busy` while others run, else
    `error` when this one failed, and `ready` when it didn't.

    The agent's row is locked first. So of two tasks that end at once the second sees that the first has ended, and an
    agent doesn't stay busy.
    """
    await work.one(
        work.select(user_agents, user_agents.c.id).where(user_agents.c.id == agent_id).with_for_update(key_share=True)
    )
    running = work.select(tasks, tasks.c.id).where(tasks.c.agent_id == agent_id, tasks.c.status == "running").limit(1)
    others = await work.scalar(running)
    await set_status(work, agent_id, "busy" if others else "error" if failed else "ready")

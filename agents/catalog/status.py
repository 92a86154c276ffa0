"""What an agent does now, written by its tasks in the transactions in which they begin and end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, Update, case

from agents.store.scope import Work
from agents.store.tables import tasks, user_agents


def busy(work: Work, agent_id: UUID) -> Update:
    """Say that a task of an agent begins in this transaction. An agent that is gone has no status, and that is no
    error.

    It is written also where it stands already: so of a task that begins and one that ends at once, the second waits for
    the first.
    """
    return work.update(user_agents).where(user_agents.c.id == agent_id).values(status="busy")


def locked(work: Work, agent_id: UUID) -> Select[Any]:
    """Lock an agent, before `settled`: of two tasks that end at once the second sees then that the first has ended, and
    an agent doesn't stay busy."""
    found = work.select(user_agents, user_agents.c.id).where(user_agents.c.id == agent_id)
    return found.with_for_update(key_share=True)


def settled(work: Work, agent_id: UUID, *, failed: bool = False) -> Update:
    """Say what an agent does after one of its tasks has ended in this transaction: it is `busy` while others run, else
    `error` when this one failed, and `ready` when it didn't. It comes after the statements that ended the task and
    locked the agent."""
    running = work.select(tasks, tasks.c.id).where(tasks.c.agent_id == agent_id, tasks.c.status == "running").exists()
    status = case((running, "busy"), else_="error" if failed else "ready")
    return work.update(user_agents).where(user_agents.c.id == agent_id).values(status=status)

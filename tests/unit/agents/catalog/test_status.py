"""What an agent does now."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from agents.catalog.status import busy, locked, settled
from agents.store.database import Database
from agents.store.scope import Scope, Work
from agents.store.tables import chat_sessions, tasks
from tests.agents_kit import a_user
from tests.unit.agents.catalog.catalogs import a_catalog


async def settle(work: Work, agent: UUID, *, failed: bool = False) -> None:
    await work.run(locked(work, agent))
    await work.run(settled(work, agent, failed=failed))


async def tasks_at_work(scope: Scope, agent: UUID, number: int) -> list[UUID]:
    ids = [uuid4() for _ in range(number)]
    async with scope.begin() as work:
        for id in ids:  # each in a session of its own, which has the task's id
            await work.run(work.insert(chat_sessions, id=id))
            await work.run(work.insert(tasks, id=id, session_id=id, agent_id=agent, status="running"))
        await work.run(busy(work, agent))
    return ids


async def end(
    scope: Scope, agent: UUID, task: UUID, *, failed: bool = False, together: asyncio.Barrier | None = None
) -> None:
    async with scope.begin() as work:
        await work.run(work.update(tasks).where(tasks.c.id == task).values(status="completed"))
        if together is not None:
            await together.wait()
        await settle(work, agent, failed=failed)


async def test_it_is_busy_until_its_last_task_ends(store: Database) -> None:
    """And then ready, or in error when that task failed; the version stays, since nothing of its own has changed."""
    scope, catalog = await a_user(store), a_catalog()
    agent = await catalog.create(scope, "coder")
    first, second, third = await tasks_at_work(scope, agent.id, 3)
    seen = [(await catalog.get(scope, agent.id)).status]
    for task, failed in ((first, True), (second, False), (third, True)):
        await end(scope, agent.id, task, failed=failed)
        seen.append((await catalog.get(scope, agent.id)).status)
    assert seen == ["busy", "busy", "busy", "error"]
    async with scope.begin() as work:
        await settle(work, agent.id)
    after = await catalog.get(scope, agent.id)
    assert (after.status, after.version) == ("ready", 1)


async def test_tasks_that_end_at_once(store: Database) -> None:
    """Leave no agent busy, in whatever order their transactions end."""
    scope, catalog = await a_user(store), a_catalog()
    agent = await catalog.create(scope, "coder")
    for _ in range(5):
        ids = await tasks_at_work(scope, agent.id, 4)
        barrier = asyncio.Barrier(len(ids))
        await asyncio.gather(*(end(scope, agent.id, task, together=barrier) for task in ids))
        assert (await catalog.get(scope, agent.id)).status == "ready"


async def test_somebody_elses_agent_is_left_alone(store: Database) -> None:
    """As is one that is gone."""
    catalog, owner, other = a_catalog(), await a_user(store), await a_user(store)
    agent = await catalog.create(owner, "coder")
    async with other.begin() as work:
        await work.run(busy(work, agent.id))
        await settle(work, uuid4(), failed=True)
    assert (await catalog.get(owner, agent.id)).status == "ready"

"""Old pieces of answers go; everything else stays."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from agents.sessions import upkeep
from agents.sessions.log import EventLog
from agents.sessions.upkeep import Upkeep
from agents.store.database import Database
from agents.store.scope import Scope
from agents.store.tables import tasks
from tests.live import until
from tests.unit.agents.sessions.session_worlds import Teller, a_session


async def a_run(scope: Scope, session: UUID, status: str, ago: float | None) -> UUID:
    """Write a run with three pieces and an end."""
    id = uuid4()
    async with EventLog(Teller()).write(scope, session) as entry:
        ended = None if ago is None else entry.now - timedelta(seconds=ago)
        await entry.work.run(entry.work.insert(tasks, id=id, session_id=session, status=status, completed_at=ended))
        for _ in range(3):
            await entry.append("MESSAGE_DELTA", {}, id)
        await entry.append("TASK_COMPLETED", {}, id)
    return id


async def test_pieces_of_runs_that_ended_long_ago_go(store: Database) -> None:
    """Those of open runs, of runs that ended just now, and of nobody's run stay; so does all that isn't a piece."""
    scope, session = await a_session(store)
    old = await a_run(scope, session, "completed", 7200)
    await a_run(scope, session, "failed", 10)
    await a_run(scope, session, "running", None)
    log = EventLog(Teller())
    async with log.write(scope, session) as entry:
        await entry.append("MESSAGE_DELTA", {})
    keeper = Upkeep(store, 3600)
    assert (await keeper.round(60), await keeper.round(60), keeper.removed) == (3, 0, 3)
    left = await log.read(scope, session)
    assert [event.seq for event in left] == list(range(4, 14))
    assert [event.type for event in left if event.task_id == old] == ["TASK_COMPLETED"]


async def test_a_large_log_is_cleared_in_batches(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """No statement takes long."""
    scope, session = await a_session(store)
    for _ in range(3):
        await a_run(scope, session, "completed", 60)

    monkeypatch.setattr(upkeep, "BATCH", 2)
    assert await Upkeep(store, 0).round(60) == 9


async def test_one_process_does_it_for_all(store: Database) -> None:
    """Who doesn't get the turn does nothing."""
    scope, session = await a_session(store)
    await a_run(scope, session, "completed", 60)
    asked: list[float] = []

    async def turn(seconds: float) -> bool:
        asked.append(seconds)
        return len(asked) > 1

    keeper = Upkeep(store, 0, turn, every=0.01)
    keeper.start()
    await until(lambda: keeper.removed == 3)
    await keeper.stop()
    assert len(asked) >= 2

"""Stopping a run whose session is locked."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func

from agents.bus.bus import BusOptions
from agents.runs.stopping import STEERED, STOPPED, Halted, halt
from agents.sessions.run import Run
from agents.sessions.run_rows import runs_of
from agents.store.database import Database
from agents.store.tables import tasks
from tests.unit.agents.runs.run_worlds import World, a_world


async def halted(world: World, run: Run, reason: str, **values: object) -> Halted:
    async with world.processes[0].log.write(world.scope, world.session) as entry:
        if values:
            await entry.work.run(entry.work.update(tasks).where(tasks.c.id == run.id).values(**values))
        row = await entry.work.one(runs_of(entry.work).where(tasks.c.id == run.id))
        assert row is not None
        return await halt(entry, row, reason)


async def test_what_is_worked_on_is_asked_to_end(store: Database) -> None:
    """Once: the first reason and the first time stay. What nobody works on any more ends at once."""
    async with a_world(store, bus_options=BusOptions(here=0)) as world:
        run, waiting = await world.send("A"), await world.send("B")
        lease = func.clock_timestamp() + timedelta(seconds=30)
        first = await halted(world, run, STEERED, status="running", node="n", lease_until=lease)
        second = await halted(world, run, STOPPED)
        assert first == second == Halted(world.agent.id, run.id)
        async with world.scope.begin() as work:
            row = await work.one(runs_of(work).where(tasks.c.id == run.id))
        assert row is not None
        assert (row["status"], row["result"]["stop_reason"]) == ("running", STEERED)
        gone = func.clock_timestamp() - timedelta(seconds=1)
        third = await halted(world, run, STOPPED, lease_until=gone)
        assert third.has_ended
        assert third.due is not None
        assert third.due.run_id == waiting.id
        assert (await world.runs.get(world.scope, run.id)).status == "cancelled"

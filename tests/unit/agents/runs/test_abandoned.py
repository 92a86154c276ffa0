"""What becomes of a run whose process works on it no more."""

from __future__ import annotations

import pytest
from sqlalchemy import func

from agents.bus.bus import BusOptions
from agents.runs.abandoned import give_up
from agents.sessions.run_rows import runs_of
from agents.store.database import Database
from agents.store.tables import tasks
from tests.unit.agents.runs.run_worlds import a_world


@pytest.mark.parametrize(
    ("text", "attempts", "stopped", "status"),
    [
        ("", 1, False, "queued"),
        ("", 2, False, "interrupted"),
        ("half", 1, False, "interrupted"),
        ("", 1, True, "cancelled"),
        ("half", 2, True, "cancelled"),
    ],
)
async def test_how_it_ends(store: Database, text: str, attempts: int, stopped: bool, status: str) -> None:
    """Cancelled if that was wished for; begun anew if nothing was said yet, so often; else interrupted."""
    async with a_world(store, bus_options=BusOptions(here=0)) as world:
        run = await world.send("A")
        values = {"status": "running", "attempts": attempts, "node": "n", "result": {"stop_reason": "stopped"}}
        async with world.processes[0].log.write(world.scope, world.session) as entry:
            wish = {"stop_requested_at": func.now()} if stopped else {}
            await entry.work.run(entry.work.update(tasks).values(**values, **wish))
            row = await entry.work.one(runs_of(entry.work))
            assert row is not None
            due, now = await give_up(entry, row, text, attempts=2)
        found = await world.runs.get(world.scope, run.id)
        assert found.status == now == status
        assert (found.reply_id is not None) == bool(text)
        assert (due is not None) == (status == "queued")
        assert (await world.events())[-1].type == {
            "queued": "TASK_QUEUED",
            "interrupted": "ERROR",
            "cancelled": "TASK_CANCELLED",
        }[status]

"""How a run ends, and the next one gets its turn."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from agents.bus.bus import BusOptions
from agents.runs.ending import Due, Ending, Failure, end, written_text
from agents.sessions.entry import Entry
from agents.sessions.run import Run, reply_id
from agents.sessions.run_rows import runs_of
from agents.store.database import Database
from agents.store.tables import tasks
from tests.unit.agents.runs.run_worlds import World, a_world

IDLE = BusOptions(here=0)


async def ended(world: World, run: Run, ending: Ending) -> Due | None:
    async with world.processes[0].log.write(world.scope, world.session) as entry:
        row = await entry.work.one(runs_of(entry.work).where(tasks.c.id == run.id))
        assert row is not None
        return await end(entry, row, ending)


async def test_the_next_one_gets_its_turn_in_the_same_transaction(store: Database) -> None:
    """Those whose agent is gone end on the way; each end has its last event, in order."""
    async with a_world(store, bus_options=IDLE) as world:
        await world.processes[0].catalog.create(world.scope, "writer")
        first, orphan, next = await world.send("A"), await world.send("@writer B"), await world.send("C")
        async with store.of_system() as connection:
            await connection.execute(update(tasks).where(tasks.c.id == orphan.id).values(agent_id=None))
        failure = Failure("cut", "it broke\0", temporary=True)
        due = await ended(world, first, Ending("failed", "half", failure, usage={"model": "m"}))
        assert due == Due(world.agent.id, next.id, 0)
        runs = {run.id: run for run in await world.runs.list(world.scope, world.session, 10)}
        tail = [(event.type, event.task_id) for event in (await world.events())[-3:]]
    assert [runs[run.id].status for run in (first, orphan, next)] == ["failed", "failed", "queued"]
    assert tail == [("MESSAGE_CREATED", first.id), ("ERROR", first.id), ("ERROR", orphan.id)]
    assert runs[first.id].error == {"code": "cut", "message": "it broke\ufffd", "temporary": True}
    assert (runs[first.id].usage, runs[first.id].reply_id) == ({"model": "m"}, reply_id(first.id))


async def test_a_run_writes_one_reply(store: Database) -> None:
    """The database sees to it that a run can't end twice, whatever the code does."""
    async with a_world(store, bus_options=IDLE) as world:
        run = await world.send("A")
        await ended(world, run, Ending("completed", "one"))
        with pytest.raises(IntegrityError):
            await ended(world, run, Ending("completed", "two"))
        assert [text for _, text, _ in await world.texts()] == ["A", "one"]


async def test_a_session_has_one_active_run(store: Database) -> None:
    """The database sees to that, too."""
    async with a_world(store, bus_options=IDLE) as world:
        await world.send("A")
        second = await world.send("B")
        with pytest.raises(IntegrityError):
            async with world.scope.begin() as work:
                await work.run(work.update(tasks).where(tasks.c.id == second.id).values(status="running"))


async def test_what_the_log_has_of_an_answer(store: Database) -> None:
    """All pieces of the run since it began, and of no other."""
    async with a_world(store, bus_options=IDLE) as world:
        run = await world.send("A")

        async def say(entry: Entry, *texts: str) -> None:
            for text in texts:
                await entry.append("MESSAGE_DELTA", {"text": text}, run.id)

        async with world.processes[0].log.write(world.scope, world.session) as entry:
            await say(entry, "an attempt before")
            begun = {"since": entry.seq}
            await say(entry, "a", "b ")
            await entry.append("MESSAGE_DELTA", {"text": "other"}, reply_id(run.id))
            await say(entry, "c")
        async with world.scope.begin() as work:
            await work.run(work.update(tasks).values(result=begun))
            row = await work.one(runs_of(work))
            assert row is not None
            assert await written_text(work, row) == "ab c"

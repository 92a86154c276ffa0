"""Writing what happens in a run, as long as it is this process's."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from agents.bus.bus import BusOptions
from agents.runs.pen import Lost, Pen
from agents.sessions.entry import Entry
from agents.store.database import Database
from agents.store.tables import tasks
from channels.errors import ErrorCode, ReplyError
from tests.unit.agents.runs.run_worlds import World, a_world
from tests.unit.agents.runs.test_claim import claims_of


async def a_pen(world: World) -> Pen:
    run = await world.send()
    claims = claims_of(world, "mine")
    owned = await claims.find(run.id)
    assert owned is not None
    claim = await claims.begin(owned)
    assert claim is not None
    return Pen(world.processes[0].log, world.scope, world.session, run.id, "mine", (await world.events())[-1].seq)


async def append(pen: Pen) -> None:
    async with pen.write() as entry:
        await entry.append("MESSAGE_DELTA", {"text": "x"}, pen.run_id)


async def test_who_may_write(store: Database) -> None:
    """Its process, also when others have appended something in between; nobody once it was taken away."""
    async with a_world(store, bus_options=BusOptions(here=0)) as world:
        pen = await a_pen(world)
        await append(pen)
        await world.send("from another device")
        await append(pen)
        async with store.of_system() as connection:
            await connection.execute(update(tasks).where(tasks.c.id == pen.run_id).values(node="other"))
        await world.send("the event of who took it away")
        count = len(await world.events())
        with pytest.raises(Lost):
            await append(pen)
        assert len(await world.events()) == count


async def test_a_database_that_is_away(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is tried until it is back; a session that was deleted is lost."""
    away = [True, True, False]
    lock = Entry.lock

    async def unsure(*arguments: object) -> Entry:
        await asyncio.sleep(0)
        if away.pop(0):
            raise ReplyError(ErrorCode.UNAVAILABLE, "away")
        return await lock(*arguments)  # type: ignore[arg-type]

    async def write(entry: Entry) -> int:
        return await entry.append("ERROR", {})

    async with a_world(store, bus_options=BusOptions(here=0)) as world:
        pen = await a_pen(world)
        monkeypatch.setattr(Entry, "lock", unsure)
        assert await pen.persist(write) == pen.seq
        monkeypatch.undo()
        assert away == []
        async with store.of_system() as connection:
            await connection.execute(tasks.delete())
        pen.seq -= 1
        with pytest.raises(Lost):
            await pen.persist(write)

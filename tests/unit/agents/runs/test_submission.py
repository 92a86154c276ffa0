"""Taking in messages: all of one, or nothing."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

import pytest
from sqlalchemy import func, select

from agents.bus.bus import BusOptions
from agents.bus.memory_queue import MemoryQueue
from agents.catalog.agent import Agent
from agents.catalog.catalog import Catalog
from agents.ports import Place
from agents.sessions.entry import Entry
from agents.sessions.run import Request
from agents.store.database import Database
from agents.store.scope import Scope, Work
from agents.store.tables import messages, session_events, tasks
from channels.errors import ErrorCode, ReplyError
from tests.unit.agents.runs.run_worlds import World, a_world, hangs
from tests.unit.agents.sessions.session_worlds import a_session

IDLE = BusOptions(here=0)


class Broken(MemoryQueue):
    """A queue that is away when something is offered."""

    async def offer(self, agent: UUID, task: UUID, priority: int = 0) -> Place:
        raise ReplyError(ErrorCode.UNAVAILABLE, "away")


async def kept(world: World) -> list[int]:
    """How many messages, runs and events of the user there are."""
    async with world.scope.begin() as work:
        return [await work.scalar(work.select(table, func.count())) for table in (messages, tasks, session_events)]


async def test_the_hundred_and_first_is_refused_before_any_of_it_is_kept(store: Database) -> None:
    """With unavailable, and seconds after which to come again; in other sessions, too. An agent of another name has
    room."""
    async with a_world(store, bus_options=IDLE) as world:
        sessions = [(await a_session(store, world.scope))[1] for _ in range(4)]
        world.queue = MemoryQueue(3, 3, time.monotonic)
        process = world.process()
        runs = [await process.runs.submit(world.scope, session, Request("Hi", "coder")) for session in sessions[:3]]
        before = await kept(world)
        with pytest.raises(ReplyError) as full:
            await process.runs.submit(world.scope, sessions[3], Request("Hi", "coder"))
        assert (full.value.code.word, full.value.details["retry_after"] > 0) == ("unavailable", True)
        assert await kept(world) == before == [3, 3, 6]
        await process.catalog.create(world.scope, "writer")
        await process.runs.submit(world.scope, sessions[3], Request("Hi", "writer"))
        await process.runs.stop(world.scope, runs[0].run.id)
        other = (await a_session(store, world.scope))[1]
        assert (await process.runs.submit(world.scope, other, Request("Hi", "coder"))).run.status == "queued"


async def test_a_queue_that_is_away_refuses(store: Database) -> None:
    """Nothing is kept, and nothing was told."""
    async with a_world(store, bus_options=IDLE) as world:
        world.queue = Broken(100, 3, time.monotonic)
        process = world.process()
        with pytest.raises(ReplyError, match="away"):
            await process.runs.submit(world.scope, world.session, Request("Hi", "coder"))
        assert await kept(world) == [0, 0, 0]
        assert process.teller.told == []


async def test_a_place_is_given_back_when_the_transaction_fails(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is given a run that isn't there."""

    async def broken(self: Entry, published: int) -> None:
        raise ReplyError(ErrorCode.UNAVAILABLE, "the database is away")

    async with a_world(store, bus_options=IDLE) as world:
        monkeypatch.setattr(Entry, "write", broken)
        with pytest.raises(ReplyError, match="database"):
            await world.send()
        assert await world.queue.waiting(world.agent.id) == 0
        monkeypatch.undo()
        assert await kept(world) == [0, 0, 0]


async def test_an_agent_that_is_deleted_meanwhile(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is not found, also when that happens between finding it and writing."""

    async def found(self: Catalog, scope: Scope, id: UUID, work: Work | None = None) -> Agent:
        return world.agent

    async with a_world(store, bus_options=IDLE) as world:
        process = world.processes[0]
        await process.catalog.delete(world.scope, world.agent.id)
        monkeypatch.setattr(Catalog, "get", found)
        with pytest.raises(ReplyError) as gone:
            await process.runs.submit(world.scope, world.session, Request("Hi", str(world.agent.id)))
        assert gone.value.code.word == "not_found"
        assert await kept(world) == [0, 0, 0]
        assert await world.queue.waiting(world.agent.id) == 0


async def test_many_at_once_in_one_session(store: Database) -> None:
    """One is active, the others wait in the order of their messages."""
    async with a_world(store) as world:
        world.model.script = hangs()
        await asyncio.gather(*(world.send(str(number)) for number in range(8)))
        async with world.scope.begin() as work:
            rows = await work.all(work.select(tasks, tasks.c.status, tasks.c.message_id).order_by(tasks.c.position))
            order = await work.all(select(messages.c.id).where(messages.c.role == "user").order_by(messages.c.seq))
        assert [row["message_id"] for row in rows] == [row["id"] for row in order]
        assert [row["status"] for row in rows[1:]] == ["waiting"] * 7
        assert rows[0]["status"] in ("queued", "running")


async def test_a_run_that_can_begin_at_once_does(store: Database) -> None:
    """In the transaction that makes it, and it is answered; a process without room leaves it in the queue."""
    async with a_world(store) as world:
        run = await world.send()
        assert (run.status, run.started_at) == ("running", run.created_at)
        events = await world.events()
        assert [event.created_at for event in events[:3]] == [run.created_at] * 3
        assert [event.type for event in events[:3]] == ["MESSAGE_CREATED", "DIRECT_AGENT_CALL", "TASK_STARTED"]
        assert (await world.ended(run)).status == "completed"
    async with a_world(store, bus_options=IDLE) as world:
        assert (await world.send()).status == "queued"


async def test_a_run_that_began_in_vain(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """When its transaction fails nobody works on it, and its place is free."""

    async def broken(self: Entry, published: int) -> None:
        raise ReplyError(ErrorCode.UNAVAILABLE, "the database is away")

    async with a_world(store) as world:
        monkeypatch.setattr(Entry, "write", broken)
        with pytest.raises(ReplyError, match="database"):
            await world.send()
        monkeypatch.undo()
        async with asyncio.timeout(5):
            while world.processes[0].bus.working:  # noqa: ASYNC110 - it ends soon
                await asyncio.sleep(0)
        assert await world.queue.active(world.agent.id) == 0
        assert world.model.prompts == []
        assert (await world.ended(await world.send())).status == "completed"

"""Waiting for the ends of runs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from agents.runs.ending import Outcome
from agents.runs.waiting import Waiters
from agents.sessions.run import Run, RunStatus
from tests.unit.agents.catalog.catalogs import Wire

NOW = datetime(2026, 11, 2, tzinfo=UTC)


class Row:
    """A run in a database, and how often it was read."""

    def __init__(self) -> None:
        self.id: UUID = uuid4()
        self.status: RunStatus = "running"
        self.reads = 0
        self.read_once = asyncio.Event()

    async def read(self) -> Outcome:
        self.reads += 1
        self.read_once.set()
        return Outcome(self.run)

    @property
    def run(self) -> Run:
        return Run(self.id, uuid4(), None, "", uuid4(), self.status, NOW, None, None, None, None, None)


async def test_the_end_is_told() -> None:
    """Whoever waits in any process hears of it; it is looked up once before and once after."""
    wire, row = Wire(), Row()
    here, there = Waiters(wire), Waiters(wire)
    waiting = [asyncio.create_task(one.wait(row.id, row.read, 30)) for one in (here, here, there)]
    await row.read_once.wait()
    await asyncio.sleep(0)
    row.status = "completed"
    there.tell(row.id)
    assert [(await one).run.status for one in waiting] == ["completed"] * 3
    assert row.reads == 6


async def test_what_is_known_needs_no_look() -> None:
    """Unless its end was told already, which may have been before the waiting began."""
    row = Row()
    waiters, known = Waiters(Wire()), row.run
    waiting = asyncio.create_task(waiters.wait(row.id, row.read, 30, known))
    await asyncio.sleep(0)
    assert row.reads == 0
    row.status = "completed"
    waiters.tell(row.id)
    assert (await waiting).run.status == "completed"
    assert row.reads == 1
    assert (await waiters.wait(row.id, row.read, 30, known)).run.status == "completed"
    assert row.reads == 2


async def test_who_ended_it_here_says_how() -> None:
    """Then nobody here looks; in other processes they do. It isn't kept for those who come later."""
    wire, row = Wire(), Row()
    here, there = Waiters(wire), Waiters(wire)
    waiting = [asyncio.create_task(one.wait(row.id, row.read, 30, row.run)) for one in (here, here, there)]
    await asyncio.sleep(0)
    row.status = "completed"
    here.tell(row.id, Outcome(row.run))
    assert [(await one).run.status for one in waiting] == ["completed"] * 3
    assert row.reads == 1
    assert (await here.wait(row.id, row.read, 30)).run.has_ended
    assert row.reads == 2


async def test_a_word_that_gets_lost_costs_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is looked into now and then."""
    monkeypatch.setattr("agents.runs.waiting.LOOK", 0.01)
    wire, row = Wire(), Row()
    wire.cut = True
    waiters = Waiters(wire)
    waiting = asyncio.create_task(waiters.wait(row.id, row.read, 30))
    await row.read_once.wait()
    row.status = "failed"
    waiters.tell(row.id)
    assert (await waiting).run.status == "failed"


async def test_waiting_has_an_end() -> None:
    """The run is returned as it is then."""
    row = Row()
    assert (await Waiters(Wire()).wait(row.id, row.read, 0.02)).run.status == "running"
    assert (await Waiters(Wire()).wait(row.id, row.read, 0)).run.status == "running"

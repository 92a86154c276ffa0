"""How the other processes are, as of a moment ago."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from channels.local import LocalNodes
from hub.reports import FRESH, Reported, Reports
from tests.joined import JoinedNodes, Junction
from tests.kit import ManualClock, rest


async def test_the_others_are_told_of_and_not_this_process() -> None:
    """Its own numbers it knows better."""
    clock = ManualClock()
    junction = Junction(clock)
    here, there = JoinedNodes(junction, "a"), JoinedNodes(junction, "b")
    here.report(lambda: {"n": 1})
    there.report(lambda: {"n": 2})
    assert await Reports(here, clock).latest() == Reported({"b": {"n": 2}}, True)
    assert await Reports(LocalNodes("x"), clock).latest() == Reported({}, True)


class CountingNodes(LocalNodes):
    """Counts how often it is asked, and answers when the test says so."""

    def __init__(self) -> None:
        super().__init__("a")
        self.asked = 0
        self.go = asyncio.Event()

    async def reports(self) -> Mapping[str, Mapping[str, Any]]:
        self.asked += 1
        await self.go.wait()
        return {"a": {}, "b": {"n": self.asked}}


async def test_however_many_ask_it_is_read_once() -> None:
    """At the same time, and until it is too old."""
    clock, nodes = ManualClock(), CountingNodes()
    reports = Reports(nodes, clock)
    asking = [asyncio.create_task(reports.latest()) for _ in range(10)]
    await rest()
    nodes.go.set()
    assert {(await answer).others["b"]["n"] for answer in asking} == {1}
    clock.advance(FRESH - 0.01)
    assert (await reports.latest()).others["b"]["n"] == 1
    clock.advance(0.02)
    assert (await reports.latest()).others["b"]["n"] == 2
    assert nodes.asked == 2


async def test_without_an_answer_the_last_one_counts() -> None:
    """And is said to be old: also when the answer only takes too long."""
    clock = ManualClock()
    junction = Junction(clock)
    reports = Reports(JoinedNodes(junction, "a"), clock)
    JoinedNodes(junction, "b")
    assert (await reports.latest()).current
    junction.away = True
    clock.advance(2 * FRESH)
    assert await reports.latest() == Reported({"b": {}}, False)
    junction.away = False
    clock.advance(2 * FRESH)
    assert await reports.latest() == Reported({"b": {}}, True)
    assert await Reports(CountingNodes(), clock, timeout=0.01).latest() == Reported({}, False)

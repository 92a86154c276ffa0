"""The benchmark of direct calls."""

from __future__ import annotations

from dataclasses import replace

import aiohttp
import pytest

from benchmarks.agents import direct
from benchmarks.agents.clients import Answer, enrol
from benchmarks.agents.direct import BUDGET_MS, told
from benchmarks.agents.hub import Counts, MeasuredHub
from benchmarks.agents.model_double import Asked, ModelDouble
from benchmarks.processes import Failed


async def test_calls_are_measured_alone_and_together(hub: MeasuredHub, double: ModelDouble) -> None:
    """The model's 20 ms are in the whole, and not in the hub's part; what a call asks the database is told."""
    found, statements = await direct.measured(hub, double, (1, 2), 2)
    assert [(one.at_once, one.calls) for one in found] == [(1, 2), (2, 2)]
    assert all(one.whole_p50_ms > 20 and one.trips > 20 and one.hub_cpu_ms > 0 for one in found)
    assert sum(statement.times for statement in statements) > 10


async def test_a_message_that_isnt_answered_is_a_failure(hub: MeasuredHub) -> None:
    """It ends all, or is counted where that is asked for."""
    async with aiohttp.ClientSession() as http:
        client = await enrol(http, hub, "direct-refused")
        client.agent = "nobody"
        with pytest.raises(Failed, match="404"):
            await direct.converse([client], 1)
        refused: list[Failed] = []
        assert await direct.converse([client], 2, refused) == {}
    assert len(refused) == 2


def test_what_the_model_took_is_taken_off() -> None:
    """1 s before it, 2 s after; only a call that comes alone has a budget."""
    answer, asked = Answer(10.0, 18.0, {}), Asked(11.0, 16.0)
    one = told({"w": answer}, {"w": asked}, Counts(trips=7, cpu=0.5), 1)
    assert (one.p50_ms, one.before_p50_ms, one.after_p50_ms, one.whole_p50_ms) == (3000.0, 1000.0, 2000.0, 8000.0)
    assert (one.trips, one.hub_cpu_ms, one.per_second) == (7.0, 500.0, 0.1)
    assert not one.within
    assert replace(one, at_once=2).within
    assert replace(one, p95_ms=BUDGET_MS - 0.1).within

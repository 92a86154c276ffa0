"""The benchmark of many at once."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.agents import curve
from benchmarks.agents.hub import MeasuredHub
from benchmarks.agents.model_double import ModelDouble


async def test_points_and_a_crowd_are_measured(hub: MeasuredHub, double: ModelDouble) -> None:
    """Every call is answered; with more clients than connections somebody has waited for one."""
    (point,) = await curve.measured(hub, double, (2,), 2)
    assert (point.sessions, point.calls, point.refused) == (2, 2, 0)
    assert point.per_second > 0 < point.hub_cpu
    assert point.within
    assert not replace(point, refused=1).within
    assert point.lag_max_ms > 0 < point.wait_max_ms
    crowd = await curve.crowd(hub, 30, clients=40, rounds=1)
    assert (crowd.requests, crowd.errors) == (40, 0)
    assert crowd.wait_max_ms > 0
    assert crowd.within
    assert not replace(crowd, errors=1).within

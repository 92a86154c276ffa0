"""The benchmark of streams."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.agents import streams
from benchmarks.agents.hub import MeasuredHub
from benchmarks.agents.streams import BUDGET_MS, Load, delivery, joined


async def test_all_streams_get_all_events(hub: MeasuredHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the pace that was asked for, with how long it took."""
    monkeypatch.setattr(streams, "SETTLE_SECONDS", 0.2)
    found = await streams.measured(hub, Load("some sessions", 2, 3, 4, 50.0))
    assert (found.streams, found.events, found.missed) == (6, 4, 0)
    assert 0 < found.per_second <= 55
    assert 0 < found.each_p50_ms <= found.max_ms


def test_the_last_stream_counts_and_a_missing_one_too() -> None:
    """What one of three hasn't got is missed."""
    load = Load("x", 1, 3, 2, 1.0)
    times = joined([{("s", 1): [10.5]}, {("s", 1): [10.1, 10.3], ("s", 2): [11.1, 11.2]}])
    found = delivery(load, [("s", 1, 10.0), ("s", 2, 11.0)], times, 2048.0)
    assert (found.missed, found.max_ms, found.per_second, found.kilobytes) == (1, 500.0, 1.0, 2.0)
    assert not found.within
    whole = replace(found, missed=0, p99_ms=BUDGET_MS - 0.1)
    assert whole.within
    assert not replace(whole, p99_ms=BUDGET_MS).within

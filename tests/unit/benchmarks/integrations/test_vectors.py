"""The benchmark of observed searches: that it measures what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.integrations import vectors
from benchmarks.integrations.vectors import BUDGET_US, STATES, Cost, Times


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few searches in place of thousands."""
    for name, value in {
        "BURSTS": 2,
        "SEARCHES": 3,
        "SINGLES": 2,
        "PAUSE_SECONDS": 0.0,
        "SINGLE_PAUSE_SECONDS": 0.0,
    }.items():
        monkeypatch.setattr(vectors, name, value)


async def test_every_state_of_the_hub_is_measured() -> None:
    """With progress and without; every time is one that was taken."""
    costs = await vectors.measure()
    assert [(cost.hub, cost.progress) for cost in costs] == [
        (hub, progress) for hub in STATES for progress in (True, False)
    ]
    assert all(min(cost.bare_us, cost.later_us) > 0 for cost in costs)


def test_what_is_added_is_the_difference_of_medians() -> None:
    """And of a quantile to the bare median."""
    times = Times([1_000, 1_000, 9_000], [3_000, 4_000, 100_000], [])
    assert times.added_us(0.5) == 3.0
    assert times.added_us(0.99) == 99.0


def test_the_budget_is_for_searches_in_a_row() -> None:
    """20 us, and not a bit more."""
    cost = Cost("absent", True, 1.0, BUDGET_US - 0.1, 500.0, 50.0, 90.0)
    assert cost.within
    assert not replace(cost, burst_us=BUDGET_US).within

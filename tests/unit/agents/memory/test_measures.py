from __future__ import annotations

import pytest

from agents.memory.measures import BOUNDS, Histogram


def test_durations_are_counted_up_to_each_bound() -> None:
    """As Prometheus has it: each bucket holds those before it."""
    histogram = Histogram()
    for seconds in (0.0005, 0.001, 0.003, 9.0):
        histogram.observe(seconds)
    buckets = dict(histogram.cumulative())
    assert [bound for bound, _ in histogram.cumulative()] == [*map(str, BOUNDS), "+Inf"]
    assert (buckets["0.001"], buckets["0.0025"], buckets["0.005"], buckets["2.5"], buckets["+Inf"]) == (2, 2, 3, 3, 4)
    assert histogram.sum == pytest.approx(9.0045)

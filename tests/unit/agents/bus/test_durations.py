"""Durations by buckets."""

from __future__ import annotations

from agents.bus.durations import BOUNDS, Durations


def test_durations_are_counted_where_they_belong() -> None:
    """Each in the first bucket whose upper end isn't below it; what took less than nothing took nothing."""
    durations = Durations()
    for seconds in (-1.0, 0.005, 0.006, 100.0, 10_000.0):
        durations.note(seconds)
    counts = dict(durations.cumulative())
    assert (counts["0.005"], counts["0.01"], counts["60.0"], counts["300.0"], counts["+Inf"]) == (2, 3, 3, 4, 5)
    assert (durations.count, durations.seconds) == (5, 10_100.011)
    assert list(counts) == [*map(str, BOUNDS), "+Inf"]

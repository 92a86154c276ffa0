"""Durations by buckets, in plain numbers, for who measures the process."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import Final

BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Upper ends of the buckets, in seconds: from a task that needs no model to the longest answers."""


class Durations:
    """A histogram.

    Attributes:
        seconds: all durations together.
    """

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def note(self, seconds: float) -> None:
        """Count a duration. Less than nothing (clocks of two machines) counts as nothing."""
        seconds = max(0.0, seconds)
        self._counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self._counts)

    def cumulative(self) -> list[tuple[str, float]]:
        """The buckets as Prometheus has them: upper end, and how many were at most that long."""
        return list(zip([*map(str, BOUNDS), "+Inf"], map(float, accumulate(self._counts)), strict=True))

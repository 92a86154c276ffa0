"""What memory counts of itself. No label says whose anything is."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import Final

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper bounds of the histogram's buckets, in seconds."""


class Histogram:
    """Durations by buckets."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.sum += seconds

    def cumulative(self) -> list[tuple[str, float]]:
        """Return the buckets as Prometheus has them: upper bound, and how many were at most that long."""
        total = 0
        found: list[tuple[str, float]] = []
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self.counts, strict=True):
            total += count
            found.append((bound, total))
        return found


class Measures:
    """Counts since the start of this process; numbers of all users as of the last upkeep.

    Attributes:
        searches: searches by meaning, by how they ended: `ok`, `not_ready`, `late`, `no_embedding`, `unavailable`.
        search_seconds: time of those of the index, without embedding the question.
        embedded: memories that got their vector; `failures`: batches that didn't, by `embedding` or `index`.
        removed: vectors that were removed after their memories.
        vectors: memories that have a vector; `waiting`: that wait for one; `removals`: vectors still to be removed.
    """

    def __init__(self) -> None:
        self.searches: Counter[str] = Counter()
        self.search_seconds = Histogram()
        self.embedded = 0
        self.failures: Counter[str] = Counter()
        self.removed = 0
        self.vectors = 0
        self.waiting = 0
        self.removals = 0

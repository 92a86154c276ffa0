"""The few numbers that say how long things took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from benchmarks.stats import middle


@dataclass(frozen=True, slots=True)
class Spread:
    """Quantiles of one kind of time, in milliseconds."""

    p50: float
    p95: float
    p99: float
    most: float

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Self:
        """Take them of times in seconds. Of none, all are 0."""
        found = sorted(seconds)
        return cls(*(round(1e3 * quantile(found, share), 2) for share in (0.5, 0.95, 0.99, 1.0)))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value that `share` of sorted values don't exceed; 0 of nothing."""
    if not ordered:
        return 0.0
    if share == 0.5:
        return middle(ordered) or 0.0
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]

"""Quantiles of what a histogram observed lately. A histogram counts since the start; two looks make a window."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

from prometheus_client import Histogram


class Window(NamedTuple):
    """What was observed between two looks.

    Attributes:
        bounds: upper bounds of the buckets, rising; the last is infinite.
        counts: how many observations each bucket got.
    """

    bounds: tuple[float, ...]
    counts: tuple[float, ...]

    def quantile(self, share: float) -> float | None:
        """Return the value below which `share` (0 to 1) of the observations are; `None` when there were none.

        A bucket's observations count as spread evenly over it, as for Prometheus's `histogram_quantile`. The true value
        lies in the same bucket, so the error is less than the bucket's width. Of what is in the last bucket is only
        known that it is above the last finite bound, which is returned.
        """
        rank = share * sum(self.counts)
        before, lower = 0.0, 0.0
        for upper, count in zip(self.bounds, self.counts, strict=True):
            if count and before + count >= rank:
                return lower if math.isinf(upper) else lower + (upper - lower) * (rank - before) / count
            before, lower = before + count, upper
        return None


class Windows:
    """Looks at a histogram, each time at what is new."""

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram
        self._seen = self._look()

    def next(self) -> Window:
        """Return what was observed since the previous call, at first since this was made."""
        seen, now = self._seen, self._look()
        self._seen = now
        new = [here - there for here, there in zip(now.values(), seen.values(), strict=True)]
        return Window(tuple(now), tuple(there - here for here, there in pairwise([0.0, *new])))

    def _look(self) -> dict[float, float]:
        """Return how many observations there were up to each bound."""
        (metric,) = self._histogram.collect()
        return {float(s.labels["le"]): s.value for s in metric.samples if s.name.endswith("_bucket")}

"""What is counted of searches: in plain numbers, bounded, and read only when somebody asks."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from typing import Final

from integrations.vector_search.recall import Estimate, Kind

BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets of the histogram, in seconds; one more has no bound."""

QUANTILES: Final = (0.5, 0.95, 0.99)

SEVERAL: Final = "(several)"
"""Under this name are searches that went through more than one collection."""
OTHERS: Final = "(others)"
"""Under this name are collections beyond the number that has numbers of its own."""


@dataclass(frozen=True, slots=True)
class CollectionNumbers:
    """One collection's searches. Times in seconds, of searches that gave results.

    Attributes:
        searches: that gave results.
        quantiles: by `QUANTILES`, of the newest searches; empty without any.
        buckets: searches up to each of `BOUNDS`, and in all.
        vectors: points in the collection when they were counted last; `None`: not counted.
    """

    searches: int
    failed: int
    cancelled: int
    seconds: float
    quantiles: Mapping[float, float]
    buckets: Sequence[int]
    vectors: int | None


@dataclass(frozen=True, slots=True)
class SearchNumbers:
    """All that is known of the searches.

    Attributes:
        recall: the estimates there are.
        samples: samples of recall by what became of them.
        faults: exceptions of the observation itself; none of them reached a caller.
    """

    collections: Mapping[str, CollectionNumbers]
    recall: Mapping[Kind, Estimate]
    samples: Mapping[str, int]
    faults: int


class Tally:
    """Counts the searches of one collection.

    Args:
        window: newest times that are kept for quantiles.
    """

    __slots__ = ("_buckets", "_times", "cancelled", "failed", "seconds", "vectors")

    def __init__(self, window: int) -> None:
        self.failed = 0
        self.cancelled = 0
        self.seconds = 0.0
        self.vectors: int | None = None
        self._buckets = [0] * (len(BOUNDS) + 1)
        self._times: deque[float] = deque(maxlen=window)

    def add(self, seconds: float) -> None:
        """Count a search that gave results."""
        self.seconds += seconds
        self._buckets[bisect_left(BOUNDS, seconds)] += 1
        self._times.append(seconds)

    def read(self) -> CollectionNumbers:
        """Return the numbers as of now."""
        ordered = sorted(self._times)
        quantiles = {share: ordered[ceil(share * len(ordered)) - 1] for share in QUANTILES} if ordered else {}
        buckets = list(accumulate(self._buckets))
        return CollectionNumbers(
            buckets[-1], self.failed, self.cancelled, self.seconds, quantiles, buckets, self.vectors
        )


class Tallies:
    """The tallies of all collections.

    Args:
        limit: collections that have one of their own.

    Attributes:
        grown: set when there is a new one.
    """

    def __init__(self, limit: int, window: int) -> None:
        self._limit = limit
        self._window = window
        self._tallies: dict[str, Tally] = {}
        self.grown = asyncio.Event()

    def of(self, collections: Sequence[str]) -> Tally:
        """Return the tally of searches of these collections."""
        name = collections[0] if len(collections) == 1 else SEVERAL
        tally = self._tallies.get(name)
        if tally is None:
            if len(self._tallies) >= self._limit:
                name = OTHERS
            tally = self._tallies.setdefault(name, Tally(self._window))
            self.grown.set()
        return tally

    def alone(self) -> list[str]:
        """Return the collections that have one of their own."""
        return [name for name in self._tallies if name not in (SEVERAL, OTHERS)]

    def count(self, collection: str, vectors: int | None) -> None:
        """Note how many vectors a collection has; `None`: it isn't known."""
        if collection in self._tallies:
            self._tallies[collection].vectors = vectors

    def read(self) -> dict[str, CollectionNumbers]:
        """Return all numbers as of now."""
        return {name: tally.read() for name, tally in self._tallies.items()}

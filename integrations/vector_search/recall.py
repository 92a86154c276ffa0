"""Recall: which share of the true nearest neighbours an approximate search finds, measured on samples."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Final, NamedTuple

from integrations.vector_search.model import Hit
from integrations.vector_search.store import Pair

Z_95: Final = 1.959964
"""Standard deviations on either side of the mean that hold 95 % of a normal distribution."""

_SIZES: Final = (1, 5, 10, 20, 50, 100, 200, 500, 1_000)
_SAME_SCORE: Final = 1e-6
"""Scores nearer than this are ties: they are computed in single precision."""


class Kind(NamedTuple):
    """Searches that have the same recall, as far as can be told beforehand.

    Attributes:
        top_k: they ask for so many results or somewhat fewer.
        filtered: they have a filter.
    """

    collection: str
    ef_search: int | None
    top_k: int
    filtered: bool


def kind_of(collection: str, ef_search: int | None, top_k: int, filtered: bool) -> Kind:
    """Return the kind of a search."""
    size = _SIZES[min(bisect_left(_SIZES, top_k), len(_SIZES) - 1)]
    return Kind(collection, ef_search, size, filtered)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured recall, with its 95 % confidence interval; shares from 0 to 1."""

    recall: float
    low: float
    high: float
    samples: int


def overlap(pair: Pair) -> float | None:
    """Return which share of the exact hits the approximate ones are; `None` when there is nothing to find.

    A hit with the score of the last exact one counts, too: of equally near points the exact search has to leave out
    some, and leaving out others is no mistake.
    """
    if not pair.exact:
        return None
    true = {hit.id for hit in pair.exact}
    last = pair.exact[-1].score
    found = sum(1 for hit in pair.approximate if hit.id in true or abs(hit.score - last) <= _SAME_SCORE)
    return min(found / len(pair.exact), 1.0)


def same_hits(one: tuple[Hit, ...], other: tuple[Hit, ...]) -> bool:
    """Tell whether two searches found the same points."""
    return {hit.id for hit in one} == {hit.id for hit in other}


def wilson(mean: float, samples: int) -> tuple[float, float]:
    """Return Wilson's score interval for a mean of values from 0 to 1 (E. B. Wilson, 1927).

    It is made for values that are 0 or 1. With others in between it is too wide rather than too narrow, because none of
    that range spreads more than these do about the same mean. `samples` counts searches, not neighbours: those of one
    search are found or missed together.
    """
    z2 = Z_95 * Z_95
    centre = (mean + z2 / (2 * samples)) / (1 + z2 / samples)
    half = Z_95 / (1 + z2 / samples) * sqrt(mean * (1 - mean) / samples + z2 / (4 * samples * samples))
    return max(0.0, min(centre - half, mean)), min(1.0, max(centre + half, mean))


class RecallWindows:
    """The newest samples of each kind of search, and the estimates made of them.

    Args:
        min_samples: samples below which there is no estimate.
        window: samples kept of each kind.
        kinds: kinds kept; the one that was measured longest ago makes place.
    """

    def __init__(self, min_samples: int, window: int, kinds: int) -> None:
        self._min_samples = min_samples
        self._window = window
        self._kinds = kinds
        self._samples: OrderedDict[Kind, deque[float]] = OrderedDict()
        self._estimates: dict[Kind, Estimate] = {}

    def add(self, kind: Kind, share: float) -> None:
        """Take a sample."""
        samples = self._samples.setdefault(kind, deque(maxlen=self._window))
        samples.append(share)
        self._samples.move_to_end(kind)
        if len(self._samples) > self._kinds:
            gone, _ = self._samples.popitem(last=False)
            self._estimates.pop(gone, None)
        if len(samples) >= self._min_samples:
            mean = fsum(samples) / len(samples)
            self._estimates[kind] = Estimate(mean, *wilson(mean, len(samples)), len(samples))

    @property
    def known(self) -> bool:
        """Tell whether there is any estimate."""
        return bool(self._estimates)

    def estimate(self, kind: Kind) -> Estimate | None:
        """Return the recall of a kind of search; `None` until there are enough samples."""
        return self._estimates.get(kind)

    def estimates(self) -> Iterator[tuple[Kind, Estimate]]:
        """Go through all estimates there are."""
        yield from list(self._estimates.items())

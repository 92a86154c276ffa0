"""When a pool grows and shrinks, and by how much. No clock, no connection: samples go in, decisions come out."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from integrations.db_pool.options import PoolOptions

_SAMPLES: Final = 100
"""Samples that a decision names at most: the newest."""

Reason = Literal["high_utilization", "overflow", "low_utilization", "manual"]


@dataclass(frozen=True, slots=True)
class Sample:
    """The load between two moments.

    Attributes:
        utilization: mean of it, in %, weighted by time.
        overflowed: at some moment more connections were wanted than the size.
    """

    utilization: float
    overflowed: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """A new size, and why.

    Attributes:
        samples: utilisation in % of the samples that caused it, oldest first.
    """

    size: int
    reason: Reason
    samples: tuple[float, ...]


class Load:
    """Measures how busy a pool is: utilisation weighted by time, so that what happens between two looks counts too."""

    __slots__ = ("_area", "_at", "_begun", "_over", "_overflowed", "_share")

    def __init__(self, now: float) -> None:
        self._begun = self._at = now
        self._area = self._share = 0.0
        self._over = self._overflowed = False

    def change(self, now: float, active: int, waiters: int, size: int) -> None:
        """Note what the pool is from now on."""
        self._area += self._share * (now - self._at)
        self._at = now
        self._share = active / size if active < size else 1.0
        self._over = active + waiters > size
        if self._over:
            self._overflowed = True

    def sample(self, now: float) -> Sample:
        """The load since the last sample."""
        self._area += self._share * (now - self._at)
        elapsed = now - self._begun
        mean = self._area / elapsed if elapsed > 0 else self._share
        sample = Sample(min(100.0, 100.0 * mean), self._overflowed)
        self._begun = self._at = now
        self._area, self._overflowed = 0.0, self._over
        return sample


class Sizing:
    """Decides from samples in a row. One sample on the other side of a bound begins the count anew, and so does every
    change of the size: the old samples say nothing about the new size."""

    def __init__(self, options: PoolOptions) -> None:
        self._options = options
        self._recent: deque[Sample] = deque(
            maxlen=max(options.grow_samples, options.overflow_samples, options.shrink_samples)
        )
        self._changed: float | None = None

    def sample(self, now: float, size: int, sample: Sample) -> Decision | None:
        """Take a sample in, and say what the size ought to be now; `None`: as it is. Ask once per sample.

        Overflow goes first: what is refused or queued says more than a share does.
        """
        options = self._options
        self._recent.append(sample)
        if size < options.maximum and self._rested(now, options.grow_cooldown):
            if self._lately(options.overflow_samples, lambda s: s.overflowed):
                return self._decide(grown(size, options.overflow_by, options), "overflow", options.overflow_samples)
            if self._lately(options.grow_samples, lambda s: s.utilization > options.grow_above):
                return self._decide(grown(size, options.grow_by, options), "high_utilization", options.grow_samples)
        if (
            size > options.minimum
            and self._rested(now, options.shrink_cooldown)
            and self._lately(
                options.shrink_samples, lambda s: s.utilization < options.shrink_below and not s.overflowed
            )
        ):
            return self._decide(shrunk(size, options), "low_utilization", options.shrink_samples)
        return None

    def changed(self, now: float) -> None:
        """The size was changed, by a decision or by hand."""
        self._changed = now
        self._recent.clear()

    def _rested(self, now: float, cooldown: float) -> bool:
        return self._changed is None or now - self._changed >= cooldown

    def _lately(self, number: int, holds: Callable[[Sample], bool]) -> bool:
        if len(self._recent) < number:
            return False
        return all(holds(self._recent[-position]) for position in range(1, number + 1))

    def _decide(self, size: int, reason: Reason, number: int) -> Decision:
        told = min(number, _SAMPLES)
        samples = tuple(round(sample.utilization, 1) for sample in list(self._recent)[-told:])
        return Decision(size, reason, samples)


def grown(size: int, percent: float, options: PoolOptions) -> int:
    """The next larger size: so many % more, at least 1, at most the maximum."""
    return min(options.maximum, size + max(1, math.floor(size * percent / 100)))


def shrunk(size: int, options: PoolOptions) -> int:
    """The next smaller size: `shrink_by` % less, at least 1, at least the minimum."""
    return max(options.minimum, size - max(1, math.floor(size * options.shrink_by / 100)))

"""What happened in the last seconds: counts, means, maxima and percentiles, in memory that doesn't grow with the load.

Time is cut into slices; a window is the newest slices. So a figure forgets what is older than the window, and is exact
to one slice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

SLICES: Final = 60
"""Parts of a window: at 60 seconds, a figure is over the last 59 to 60."""

_STEPS: Final = 8
"""Steps of a histogram within a doubling: a percentile is at most an eighth above the truth."""


class _Slice:
    __slots__ = ("cells", "count", "largest", "number", "total")

    def __init__(self, number: int) -> None:
        self.number = number
        self.count = 0
        self.total = 0.0
        self.largest = 0.0
        self.cells: dict[int, int] = {}


class Window:
    """Durations of the last `seconds`. Not thread-safe: one loop owns it.

    Args:
        seconds: length of the window.
        percentiles: keep a histogram, too; without it `percentile` gives 0.
    """

    __slots__ = ("_begun", "_current", "_histogram", "_slices", "_span", "seconds")

    def __init__(self, seconds: float, now: float, percentiles: bool = False) -> None:
        self.seconds = seconds
        self._span = seconds / SLICES
        self._begun = now
        self._histogram = percentiles
        self._current = _Slice(int(now / self._span))
        self._slices: deque[_Slice] = deque([self._current], maxlen=SLICES)

    def add(self, now: float, duration: float) -> None:
        """Note one thing that ended at `now` and took `duration` seconds."""
        number = int(now / self._span)
        current = self._current
        if number != current.number:
            current = self._current = _Slice(number)
            self._slices.append(current)
        current.count += 1
        current.total += duration
        if duration > current.largest:
            current.largest = duration
        if self._histogram:
            cell = _cell(duration)
            current.cells[cell] = current.cells.get(cell, 0) + 1

    def rate(self, now: float) -> float:
        """How many a second; of a window that isn't full yet, over the time since it began."""
        covered = min(now - self._begun, self.seconds)
        return sum(part.count for part in self._recent(now)) / max(covered, self._span)

    def mean(self, now: float) -> float:
        """Their mean duration in seconds; 0 of none."""
        recent = list(self._recent(now))
        count = sum(part.count for part in recent)
        return sum(part.total for part in recent) / count if count else 0.0

    def largest(self, now: float) -> float:
        """The longest in seconds; 0 of none."""
        return max((part.largest for part in self._recent(now)), default=0.0)

    def percentiles(self, now: float, *shares: float) -> tuple[float, ...]:
        """Durations in seconds that these shares (0 to 1, rising) of them didn't exceed; 0 of none."""
        cells: dict[int, int] = {}
        for part in self._recent(now):
            for cell, count in part.cells.items():
                cells[cell] = cells.get(cell, 0) + count
        largest, total, seen = self.largest(now), sum(cells.values()), 0
        found: list[float] = []
        for cell in sorted(cells):
            seen += cells[cell]
            while len(found) < len(shares) and seen >= shares[len(found)] * total:
                found.append(min(_top(cell), largest))
        return tuple(found) + (0.0,) * (len(shares) - len(found))

    def _recent(self, now: float) -> Iterable[_Slice]:
        oldest = int(now / self._span) - SLICES
        return (part for part in self._slices if part.number > oldest)


def _cell(duration: float) -> int:
    """The histogram's cell of a duration: the microseconds' power of two and the three bits below it."""
    micros = int(duration * 1e6)
    if micros < _STEPS:
        return micros
    power = micros.bit_length() - 4
    return power * _STEPS + (micros >> power)


def _top(cell: int) -> float:
    """The upper end of a cell, in seconds."""
    if cell < 2 * _STEPS:
        return (cell + 1) / 1e6
    power = cell // _STEPS - 1
    return ((cell - power * _STEPS + 1) << power) / 1e6

"""By how much counters rose of late."""

from __future__ import annotations

from collections import deque


class Window:
    """Remembers what counters stood at over the last seconds. As many memories as there were looks in that time.

    Args:
        seconds: how far back.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._looks: deque[tuple[float, tuple[float, ...]]] = deque()

    def add(self, now: float, totals: tuple[float, ...]) -> None:
        """Note what the counters stand at. One that fell was begun anew, and so are the memories then."""
        if self._looks and any(new < old for new, old in zip(totals, self._looks[-1][1], strict=True)):
            self._looks.clear()
        self._looks.append((now, totals))
        # One look from before the window stays: the rise is counted from there.
        while len(self._looks) > 1 and self._looks[1][0] <= now - self._seconds:
            self._looks.popleft()

    def rise(self) -> tuple[float, ...] | None:
        """Return by how much each counter rose within the window; `None` before the second look."""
        if len(self._looks) < 2:
            return None
        first, last = self._looks[0][1], self._looks[-1][1]
        return tuple(new - old for new, old in zip(last, first, strict=True))

    @property
    def covered(self) -> float:
        """Seconds from the first look that is remembered to the last one."""
        return self._looks[-1][0] - self._looks[0][0] if self._looks else 0.0

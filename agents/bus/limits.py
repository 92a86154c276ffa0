"""Limits of requests, counted in the memory of one process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from agents.ports import Allowance

KEYS_MAX: Final = 10_000
"""Keys that are counted at once. Beyond, the one that came longest ago begins anew: memory is bounded by
this times the limit, at some 32 bytes each."""


class MemoryLimiter:
    """A sliding window: never more than `limit` requests of a key in any `window`, and all of them at once if need be.

    Exact, since the time of each request that was let through is kept for a window; those that are refused don't count.

    Args:
        window: seconds.
        now: seconds, any monotonic clock.
        keys_max: keys that are counted at once.
    """

    def __init__(self, limit: int, window: float, now: Callable[[], float], keys_max: int = KEYS_MAX) -> None:
        self._limit = limit
        self._window = window
        self._now = now
        self._keys_max = keys_max
        self._times: dict[str, deque[float]] = {}

    async def take(self, key: str) -> Allowance:
        now = self._now()
        begin = now - self._window
        # The one that is counted goes to the end: at the front are those that have been silent longest.
        times = self._times.pop(key, None) or deque()
        while times and times[0] <= begin:
            times.popleft()
        refused = len(times) >= self._limit
        if not refused:
            times.append(now)
        self._times[key] = times
        self._drop(begin)
        reset = times[-1] - begin
        return Allowance(self._limit, self._limit - len(times), reset, times[0] - begin if refused else 0.0)

    def _drop(self, begin: float) -> None:
        """Forget who has nothing in the window any more: at most two at a time, which is more than come."""
        for _ in range(2):
            oldest = next(iter(self._times))
            if self._times[oldest][-1] > begin and len(self._times) <= self._keys_max:
                return
            del self._times[oldest]

"""Token buckets: at most so many events per second, with a burst."""

from __future__ import annotations

_ROUNDING = 1e-3
"""Part of an event by which sums of fractions may fall short: who waits as long as told is let through. The next event
pays for it. After months, a clock's float tells nanoseconds apart, which is this much at 100,000 events per second."""


class TokenBucket:
    """Counts events against a rate. Holds two numbers; the caller brings the clock.

    Args:
        rate: events per second that are let through in the long run.
        burst: events that may come at once.
        now: seconds, any monotonic clock.
    """

    __slots__ = ("_at", "_level", "burst", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self._level = burst
        self._at = now

    def take(self, now: float) -> float:
        """Let one event through; return 0, or the seconds after which it may be tried again."""
        self._level = min(self.burst, self._level + (now - self._at) * self.rate)
        self._at = now
        if self._level >= 1 - _ROUNDING:
            self._level -= 1
            return 0.0
        return (1 - self._level) / self.rate

    def is_full(self, now: float) -> bool:
        """Tell whether it is as good as new: forgetting it would change nothing."""
        return self._level + (now - self._at) * self.rate >= self.burst

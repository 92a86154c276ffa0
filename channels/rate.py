"""Token buckets: at most so many events per second, with a burst."""

from __future__ import annotations


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
        if self._level >= 1:
            self._level -= 1
            return 0.0
        return (1 - self._level) / self.rate

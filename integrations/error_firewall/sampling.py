"""At most so many a second; who comes after a pause tells how many were left out."""

from __future__ import annotations

import threading

from channels import Clock


class Sampler:
    """A token bucket that counts. Callable from any thread.

    Args:
        rate: takings per second, and in one burst (at least 1); 0: never.
    """

    def __init__(self, rate: float, clock: Clock) -> None:
        self._rate = rate
        self._burst = max(1.0, rate)
        self._tokens = self._burst if rate else 0.0
        self._clock = clock
        self._filled = clock.monotonic()
        self._lock = threading.Lock()
        self.waiting = 0

    def take(self) -> int:
        """Count one more; return how many there were since the last taking, or 0: not now."""
        with self._lock:
            self.waiting += 1
            return self._settle()

    def rest(self) -> int:
        """Return how many were left out since the last taking if that may be told now, else 0."""
        with self._lock:
            return self._settle() if self.waiting else 0

    def _settle(self) -> int:
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if self._tokens < 1.0:
            return 0
        self._tokens -= 1.0
        count, self.waiting = self.waiting, 0
        return count

"""Counts HTTP requests: what row `system_stats` says of them."""

from __future__ import annotations


class RequestStatistics:
    """Totals since the start. A request failed when its status is 400 or above."""

    __slots__ = ("_seconds", "failed", "total")

    def __init__(self) -> None:
        self.total = 0
        self.failed = 0
        self._seconds = 0.0

    def count(self, status: int, seconds: float) -> None:
        """Add a finished request."""
        self.total += 1
        self.failed += status >= 400
        self._seconds += seconds

    @property
    def successful(self) -> int:
        """Requests that didn't fail."""
        return self.total - self.failed

    @property
    def average_milliseconds(self) -> float:
        """Mean time to answer; 0 before the first request."""
        return 1000 * self._seconds / self.total if self.total else 0.0

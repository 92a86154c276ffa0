"""What a pool is at one moment."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PoolNumbers:
    """A snapshot. Rates, averages and maxima are over the last `window` seconds, totals since the start; times in ms.

    Attributes:
        pool_size: connections that the pool may have without overflow: a limit, not a count.
        active_connections: borrowed, or being cleaned after that.
        idle_connections: open and free.
        overflow_connections: open ones beyond the size; never negative.
        utilization: active connections in % of the size and the overflow connections, never above 100.
        qps: queries per second.
        avg_query_time: their mean time.
        max_wait_time: longest wait of a borrower, those that wait now included.
        total_queries: since the start.
        opening_connections: being opened.
        closing_connections: being closed, or cut so lately that the server may not know it yet.
        waiters: borrowers that wait now.
        wait_p50: of the waits, half are no longer than this; p95 and p99 alike.
        timeouts: borrowers that waited in vain.
        refused: borrowers turned away because too many waited.
        connect_errors: connections that could not be opened.
        lost_connections: connections that broke, or were cut because they could not be cleaned.
        failed_queries: queries that raised, cancelled ones left out.
        slow_queries: queries that took longer than `slow_query`.
        leaks: connections that were held longer than `leak_after`.
        resizes: changes of the size.
    """

    pool_size: int
    active_connections: int
    idle_connections: int
    overflow_connections: int
    utilization: float
    qps: float
    avg_query_time: float
    max_wait_time: float
    total_queries: int
    opening_connections: int = 0
    closing_connections: int = 0
    waiters: int = 0
    wait_p50: float = 0.0
    wait_p95: float = 0.0
    wait_p99: float = 0.0
    timeouts: int = 0
    refused: int = 0
    connect_errors: int = 0
    lost_connections: int = 0
    failed_queries: int = 0
    slow_queries: int = 0
    leaks: int = 0
    resizes: int = 0

    def as_dict(self) -> dict[str, Any]:
        """All of them by their names."""
        return asdict(self)


def utilization(active: int, size: int) -> float:
    """Give active connections in % of all places there are: those of the size, and as many more as are in use.

    Never above 100, whatever is borrowed beyond the size.
    """
    return round(100.0 * active / max(size, active, 1), 1)

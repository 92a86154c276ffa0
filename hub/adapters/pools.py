"""The pools of database connections of a process, for metrics and alert rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from prometheus_client import Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from integrations.db_pool import PoolNumbers

_TIMES: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Bounds of the histogram, in seconds."""
_STATES: Final = ("active", "idle", "opening", "closing")
_GAUGES: Final = {
    "pool_size": ("pool_size", "Connections that the pool may have now."),
    "overflow_connections": ("overflow_connections", "Connections beyond the size."),
    "waiters": ("waiters", "Borrowers that wait for a connection."),
}
_TOTALS: Final = {
    "queries": ("total_queries", "Queries."),
    "failed_queries": ("failed_queries", "Queries that failed."),
    "slow_queries": ("slow_queries", "Queries that took longer than database.slow_query."),
    "acquire_timeouts": ("timeouts", "Borrowers that waited in vain for a connection."),
    "acquires_refused": ("refused", "Borrowers turned away because too many waited."),
    "connect_errors": ("connect_errors", "Connections that could not be opened."),
    "connections_lost": ("lost_connections", "Connections that broke, or could not be cleaned."),
    "leaks": ("leaks", "Connections that were held longer than database.leak_after."),
    "resizes": ("resizes", "Changes of the pool's size."),
}
"""Gauges and counters: by metric, the pool's own name, and what it counts."""


@dataclass(frozen=True, slots=True)
class MeasuredPool:
    """A pool.

    Attributes:
        name: in metrics and messages.
        maximum: connections that it may ever have.
        numbers: measures it as of now.
    """

    name: str
    maximum: int
    numbers: Callable[[], PoolNumbers]


class Pools:
    """All pools of a process. They tell of their queries, and are asked for the rest."""

    def __init__(self) -> None:
        self._pools: list[MeasuredPool] = []
        self._times = Histogram(
            "tocsin_db_query_seconds",
            "Queries, those that failed included.",
            ("pool",),
            buckets=_TIMES,
            registry=None,
        )

    def __iter__(self) -> Iterator[MeasuredPool]:
        return iter(self._pools)

    def add(self, pool: MeasuredPool) -> Callable[[float], None]:
        """Measure a pool from now on; return what takes the seconds of each of its queries."""
        self._pools.append(pool)
        return self._times.labels(pool.name).observe

    def collect(self) -> Iterator[Metric]:
        """Measure all of them."""
        measured = [(pool.name, pool.numbers()) for pool in self._pools]
        connections = GaugeMetricFamily("tocsin_db_connections", "Connections by state.", labels=["pool", "state"])
        for name, numbers in measured:
            for state in _STATES:
                connections.add_metric([name, state], getattr(numbers, f"{state}_connections"))
        yield connections
        for metric, (field, text) in _GAUGES.items():
            gauge = GaugeMetricFamily(f"tocsin_db_{metric}", text, labels=["pool"])
            for name, numbers in measured:
                gauge.add_metric([name], getattr(numbers, field))
            yield gauge
        for metric, (field, text) in _TOTALS.items():
            counter = CounterMetricFamily(f"tocsin_db_{metric}", text, labels=["pool"])
            for name, numbers in measured:
                counter.add_metric([name], getattr(numbers, field))
            yield counter
        yield from self._times.collect()

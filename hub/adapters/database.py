"""The hub's own database: a pool of connections whose size follows the load, and the look whether it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import asyncpg
import structlog
from asyncpg.connection import LoggedQuery
from prometheus_client import Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from channels.push import Push
from hub.adapters.adapter import Surroundings
from hub.database.watch import Watch, dsn_of, place_of
from hub.sections.database import DatabaseOptions
from integrations.db_pool import DynamicPool, PoolNumbers, PoolOptions

log = structlog.get_logger(__name__)

_TIMES = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Bounds of the histogram, in seconds."""
_CLEANING = "SELECT pg_advisory_unlock_all()"
"""How asyncpg begins what it cleans a connection with: that is nobody's query."""
_TOTALS = {
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
"""Counters: by metric, the pool's own name, and what it counts."""


class Database:
    """Connections to PostgreSQL. It connects when the database is there, and again when it comes back.

    Attributes:
        pool: lends connections; raises what asyncpg and `integrations.db_pool` raise while the database is away.
    """

    name = "database"

    def __init__(self, options: DatabaseOptions, hub: Surroundings) -> None:
        dsn = dsn_of(options)
        self.push = Push(hub.publish)
        self.pool = DynamicPool(
            dsn,
            pool_options(options),
            self.push,
            hub.clock,
            node=hub.node,
            init=self._prepare,
            connect={"server_settings": {"application_name": f"tocsin {hub.node}"}},
        )
        self._times = Histogram(
            "tocsin_db_query_seconds", "Queries, those that failed included.", buckets=_TIMES, registry=None
        )
        self._place = place_of(options)
        self._watch = Watch(dsn, options.connect_timeout, options.check_interval, self._changed)
        self._watching: asyncio.Task[None] | None = None

    @property
    def available(self) -> bool:
        """Whether the database was there when we last heard."""
        return self._watch.available

    async def start(self) -> None:
        """Begin to connect. The database may be away."""
        await self.pool.start()
        self._watching = asyncio.create_task(self._watch.run(), name="database watch")

    async def stop(self) -> None:
        """Close all connections."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self.pool.close()

    async def _prepare(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        connection.add_query_logger(self._note)

    def _note(self, record: LoggedQuery) -> None:
        if not record.query.startswith(_CLEANING):
            self._times.observe(record.elapsed)

    def _changed(self, available: bool, reason: str) -> None:
        if available:
            log.info("the database is there", database=self._place)
        else:
            log.warning("the database is away; trying again", database=self._place, reason=reason)

    def collect(self) -> Iterator[Metric]:
        """Measure pool and link."""
        numbers = self.pool.numbers()
        yield GaugeMetricFamily("tocsin_db_available", "1 while the database is there.", self._watch.available)
        losses = CounterMetricFamily("tocsin_db_losses", "Times that the database went away.")
        losses.add_metric([], self._watch.losses)
        yield losses
        yield from _gauges(numbers)
        for metric, (name, text) in _TOTALS.items():
            counter = CounterMetricFamily(f"tocsin_db_{metric}", text)
            counter.add_metric([], getattr(numbers, name))
            yield counter
        yield from self._times.collect()


def _gauges(numbers: PoolNumbers) -> Iterator[Metric]:
    connections = GaugeMetricFamily("tocsin_db_connections", "Connections by state.", labels=["state"])
    connections.add_metric(["active"], numbers.active_connections)
    connections.add_metric(["idle"], numbers.idle_connections)
    connections.add_metric(["opening"], numbers.opening_connections)
    connections.add_metric(["closing"], numbers.closing_connections)
    yield connections
    yield GaugeMetricFamily("tocsin_db_pool_size", "Connections that the pool may have now.", numbers.pool_size)
    yield GaugeMetricFamily(
        "tocsin_db_overflow_connections", "Connections beyond the size.", numbers.overflow_connections
    )
    yield GaugeMetricFamily("tocsin_db_waiters", "Borrowers that wait for a connection.", numbers.waiters)


def pool_options(options: DatabaseOptions) -> PoolOptions:
    """Take from the section `database` what is the pool's."""
    return PoolOptions(
        name="hub",
        minimum=options.min_size,
        maximum=options.max_size,
        acquire_timeout=options.acquire_timeout,
        connect_timeout=options.connect_timeout,
        grow_above=options.grow_above,
        shrink_below=options.shrink_below,
        grow_cooldown=options.grow_cooldown,
        shrink_cooldown=options.shrink_cooldown,
        slow_query=options.slow_query,
        leak_after=options.leak_after,
        stats_interval=options.stats_interval,
    )

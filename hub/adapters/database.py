"""The hub's own database: a pool of connections whose size follows the load, and the look whether it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import asyncpg
import structlog
from asyncpg.connection import LoggedQuery
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from channels.push import Push
from hub.adapters.adapter import Surroundings
from hub.adapters.pools import MeasuredPool, Pools
from hub.database.watch import Watch, dsn_of, place_of
from hub.sections.database import DatabaseOptions
from integrations.db_pool import DynamicPool, PoolOptions

log = structlog.get_logger(__name__)

_CLEANING = "SELECT pg_advisory_unlock_all()"
"""How asyncpg begins what it cleans a connection with: that is nobody's query."""


class Database:
    """Connections to PostgreSQL. It connects when the database is there, and again when it comes back.

    Attributes:
        pool: lends connections; raises what asyncpg and `integrations.db_pool` raise while the database is away.
        pools: this pool, and those of adapters that have another one to the same database.
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
        self.pools = Pools()
        self._took = self.pools.add(MeasuredPool("hub", options.max_size, self.pool.numbers))
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
            self._took(record.elapsed)

    def _changed(self, available: bool, reason: str) -> None:
        if available:
            log.info("the database is there", database=self._place)
        else:
            log.warning("the database is away; trying again", database=self._place, reason=reason)

    def collect(self) -> Iterator[Metric]:
        """Measure pools and link."""
        yield GaugeMetricFamily("tocsin_db_available", "1 while the database is there.", self._watch.available)
        losses = CounterMetricFamily("tocsin_db_losses", "Times that the database went away.")
        losses.add_metric([], self._watch.losses)
        yield losses
        yield from self.pools.collect()


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

"""The hub's database: pool, options, metrics, and a database that is away."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from hub.adapters.database import Database, pool_options
from hub.sections.database import DatabaseOptions
from tests.live import running, settings_for, until
from tests.postgres_server import PostgresServer, database, postgres

__all__ = ["database", "postgres"]


def samples(adapter: Database) -> dict[str, float]:
    """The metrics, by name and labels."""

    class All(Collector):
        def collect(self) -> Any:
            found: list[Metric] = list(adapter.collect())
            return found

    registry = CollectorRegistry()
    registry.register(All())
    return {
        f"{sample.name}{''.join(sorted(sample.labels.values()))}": sample.value
        for family in registry.collect()
        for sample in family.samples
    }


async def test_it_lends_connections_and_counts_queries(database: str) -> None:
    """The server knows whose they are; the cleaning of a connection is no query."""
    async with running(settings_for(database__url=database)) as live:
        adapter = live.hub.adapters.database
        assert adapter is not None
        name = await adapter.pool.fetchval("SELECT current_setting('application_name')")
        assert name.startswith("tocsin ")
        await until(lambda: adapter.available)
        await asyncio.sleep(0)
        found = samples(adapter)
        assert found["tocsin_db_available"] == 1
        assert found["tocsin_db_queries_totalhub"] == found["tocsin_db_query_seconds_counthub"] == 1
        assert found["tocsin_db_pool_sizehub"] == 2
        assert "tocsin_db_available 1" in live.hub.metrics.expose().decode()


async def test_a_hub_starts_while_the_database_is_away(postgres: PostgresServer, tmp_path: Any) -> None:
    """It says so in metrics and log; who wants a connection gets the error; and it ends in peace."""
    async with running(settings_for(database__url=f"postgresql://nobody@/x?host={tmp_path}")) as live:
        adapter = live.hub.adapters.database
        assert adapter is not None
        with pytest.raises(OSError, match=r"No such file|Connect call failed"):
            await adapter.pool.fetchval("SELECT 1")
        found = samples(adapter)
        assert found["tocsin_db_available"] == 0
        assert found["tocsin_db_connect_errors_totalhub"] >= 1


async def test_it_connects_once_the_database_is_there(postgres: PostgresServer) -> None:
    """Nobody has to restart the hub."""
    dsn = postgres.create()
    postgres.drop(dsn)
    async with running(settings_for(database__url=dsn)) as live:
        adapter = live.hub.adapters.database
        assert adapter is not None
        assert not adapter.available
        name = dsn.partition("@/")[2].partition("?")[0]
        await asyncio.to_thread(postgres._execute, f'CREATE DATABASE "{name}"')
        await until(lambda: adapter.available)
        assert await adapter.pool.fetchval("SELECT 1") == 1
    postgres.drop(dsn)


async def test_the_pool_speaks_on_its_channel(database: str) -> None:
    """Its size and numbers, as the messages' schemas want them."""
    settings = settings_for(database__url=database, database__stats_interval=1.0)
    async with running(settings) as live, live.client() as client:
        await client.ask(action="subscribe", channel="db_pool_stats")
        adapter = live.hub.adapters.database
        assert adapter is not None
        await adapter.pool.fetchval("SELECT 1")
        message = await client.receive()
        assert message["type"] == "stats_update"
        assert message["data"]["pool"] == "hub"
        assert message["data"]["total_queries"] == 1
        assert adapter.push.outcomes["pushed"] >= 1


async def test_nothing_is_made_unless_it_is_wanted() -> None:
    """A hub with nothing configured has no database."""
    async with running(settings_for()) as live:
        assert live.hub.adapters.database is None
        assert "tocsin_db" not in live.hub.metrics.expose().decode()


def test_the_options_are_the_pool_s() -> None:
    """Under names of their own."""
    made = pool_options(
        DatabaseOptions(
            min_size=3,
            max_size=9,
            grow_above=70,
            shrink_below=10,
            grow_cooldown=1,
            shrink_cooldown=2,
            acquire_timeout=3,
            connect_timeout=4,
            slow_query=5,
            leak_after=6,
            stats_interval=7,
        )
    )
    assert (made.minimum, made.maximum, made.grow_above, made.shrink_below) == (3, 9, 70, 10)
    assert (made.grow_cooldown, made.shrink_cooldown, made.acquire_timeout, made.connect_timeout) == (1, 2, 3, 4)
    assert (made.slow_query, made.leak_after, made.stats_interval) == (5, 6, 7)

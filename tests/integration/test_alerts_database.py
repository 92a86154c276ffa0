"""The rules about the database, on a real one."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.integration.test_alerts import next_alert, watched
from tests.live import LiveHub, until
from tests.postgres_server import database, postgres

__all__ = ["database", "postgres"]


def _pool(live: LiveHub) -> Any:
    adapter = live.hub.adapters.database
    assert adapter is not None
    return adapter.pool


async def test_all_connections_are_taken(database: str) -> None:
    """Three of three, and a fourth borrower waits; it clears when they come back."""
    options = {"database__url": database, "database__min_size": 1, "database__max_size": 3}
    async with watched("database_connections", {}, **options) as (live, client):
        adapter = live.hub.adapters.database
        await until(lambda: adapter is not None and adapter.available)
        release, held = asyncio.Event(), []

        async def hold() -> None:
            async with _pool(live).acquire():
                held.append(1)
                await release.wait()

        borrowers = [asyncio.create_task(hold()) for _ in range(4)]
        await until(lambda: len(held) == 3)
        fired = await next_alert(client, "firing")
        assert (fired["name"], fired["value"], fired["severity"]) == ("database_connections", 100.0, "critical")
        release.set()
        await asyncio.gather(*borrowers)
        assert (await next_alert(client, "resolved"))["alert_id"] == fired["alert_id"]


async def test_a_slow_query(database: str) -> None:
    """Longer than database.slow_query, which is 1 s unless set; it clears when the window has passed."""
    options = {"database__url": database, "database__slow_query": 0.2}
    async with watched("slow_queries", {}, **options) as (live, client):
        adapter = live.hub.adapters.database
        await until(lambda: adapter is not None and adapter.available)
        await until(lambda: live.hub.adapters.monitor.watch.turns > 1)
        async with _pool(live).acquire() as connection:
            await connection.execute("SELECT 1")
            await connection.execute("SELECT pg_sleep(0.3)")
        fired = await next_alert(client, "firing")
        assert (fired["name"], fired["value"]) == ("slow_queries", 1.0)
        await next_alert(client, "resolved")


async def test_a_database_that_is_away() -> None:
    """The rule counts the seconds."""
    options = {"database__url": "postgresql://127.0.0.1:9/nowhere", "database__connect_timeout": 0.5}
    async with watched("database_away", {"threshold": 0.2}, **options) as (_, client):
        assert (await next_alert(client, "firing"))["value"] >= 0.2

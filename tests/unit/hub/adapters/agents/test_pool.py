"""The agents' pool is watched under the database's bounds. On a real database: tests/integration/test_my_agents.py."""

from __future__ import annotations

from typing import Any

from agents.store.database import Database, DatabaseOptions
from channels.push import Push
from hub.adapters.agents.pool import observe
from hub.adapters.pools import Pools
from tests.kit import ManualClock
from tests.live import settings_for
from tests.unit.hub.adapters.surroundings import surroundings


async def test_its_size_is_the_agents_and_its_bounds_the_databases() -> None:
    """It has a name of its own in metrics and messages."""
    posts: list[tuple[str, str, Any]] = []
    hub, pools = surroundings(ManualClock(), posts), Pools()
    settings = settings_for(database__slow_query=2.0, database__leak_after=7.0)
    database = Database(DatabaseOptions("postgresql://127.0.0.1:9/nowhere", pool=3, overflow=4))
    observer = observe(database, settings, hub, Push(hub.publish), pools)
    (pool,) = pools
    assert (pool.name, pool.maximum, pool.numbers().pool_size) == ("agents", 7, 3)
    assert observer.options.leak_after == 7.0
    observer.queries.note("SELECT 1", 2.0, None)
    observer.queries.note("SELECT 2", 2.5, None)
    ((channel, kind, data),) = posts
    assert (channel, kind, data.pool, data.node, data.query) == (
        "db_pool_stats",
        "slow_query",
        "agents",
        "n-1",
        "SELECT 2",
    )
    assert pool.numbers().total_queries == 2
    await database.close()

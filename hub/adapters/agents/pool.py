"""The agents' pool of database connections, watched as the hub's own is."""

from __future__ import annotations

from dataclasses import replace

from agents.store.database import Database
from channels.push import Push
from hub.adapters.adapter import Surroundings
from hub.adapters.database import pool_options
from hub.adapters.pools import MeasuredPool, Pools
from hub.options import Settings
from integrations.db_pool.engines import observe_engine
from integrations.db_pool.observing import Observer


def observe(database: Database, settings: Settings, hub: Surroundings, push: Push, pools: Pools) -> Observer:
    """Watch the pool, under the bounds that the section `database` has for slow queries, leaks and statistics. Its size
    is that of the section `agents`, and doesn't change."""
    options = replace(pool_options(settings.database), name="agents")
    observer = observe_engine(database.engine, push, options, hub.clock, hub.node)
    most = database.options.pool + database.options.overflow
    observer.queries.took = pools.add(MeasuredPool(options.name, most, observer.numbers))
    return observer

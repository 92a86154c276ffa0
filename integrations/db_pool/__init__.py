"""A pool of PostgreSQL connections that sizes itself by its load, and tells what it does on `db_pool_stats`.

`DynamicPool` owns its limit; `observe_pool` watches an `asyncpg.Pool` that somebody already has. SQLAlchemy's engines
are watched by `integrations.db_pool.engines`, which alone needs SQLAlchemy.
"""

from integrations.db_pool.errors import PoolClosed, PoolError, PoolFull, PoolTimeout
from integrations.db_pool.numbers import PoolNumbers
from integrations.db_pool.observed_pool import ObservedPool, observe_pool
from integrations.db_pool.options import PoolOptions
from integrations.db_pool.pool import DynamicPool

__all__ = [
    "DynamicPool",
    "ObservedPool",
    "PoolClosed",
    "PoolError",
    "PoolFull",
    "PoolNumbers",
    "PoolOptions",
    "PoolTimeout",
    "observe_pool",
]

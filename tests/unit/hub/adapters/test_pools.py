"""The pools of a process, in metrics."""

from __future__ import annotations

from hub.adapters.pools import MeasuredPool, Pools
from integrations.db_pool import PoolNumbers


def numbers(active: int, waiters: int, queries: int) -> PoolNumbers:
    return PoolNumbers(
        pool_size=5,
        active_connections=active,
        idle_connections=1,
        overflow_connections=0,
        utilization=0.0,
        qps=0.0,
        avg_query_time=0.0,
        max_wait_time=0.0,
        total_queries=queries,
        waiters=waiters,
    )


def test_each_pool_has_samples_of_its_own() -> None:
    """In families that are there once; the seconds of its queries as well."""
    pools = Pools()
    took = pools.add(MeasuredPool("hub", 5, lambda: numbers(1, 0, 7)))
    pools.add(MeasuredPool("agents", 9, lambda: numbers(4, 3, 11)))(0.3)
    took(0.002)
    took(0.004)
    assert [pool.maximum for pool in pools] == [5, 9]
    families = list(pools.collect())
    assert len({family.name for family in families}) == len(families)
    found = {
        (sample.name, sample.labels["pool"], sample.labels.get("state", "")): sample.value
        for family in families
        for sample in family.samples
    }
    assert [found["tocsin_db_waiters", pool, ""] for pool in ("hub", "agents")] == [0, 3]
    assert [found["tocsin_db_queries_total", pool, ""] for pool in ("hub", "agents")] == [7, 11]
    assert [found["tocsin_db_connections", pool, "active"] for pool in ("hub", "agents")] == [1, 4]
    assert [found["tocsin_db_query_seconds_count", pool, ""] for pool in ("hub", "agents")] == [2, 1]

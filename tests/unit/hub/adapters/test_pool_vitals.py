"""What the pool tells the monitor. With a database: tests/integration/test_alerts_database.py."""

from __future__ import annotations

from hub.adapters.database import Database
from hub.adapters.pool_vitals import PoolVitals
from hub.adapters.pools import MeasuredPool
from tests.kit import ManualClock
from tests.live import settings_for
from tests.unit.hub.adapters.surroundings import surroundings
from tests.unit.hub.adapters.test_pools import numbers


async def test_a_pool_without_its_database() -> None:
    """Nothing is borrowed, and the time since the first look is told."""
    settings = settings_for(database__url="postgresql://127.0.0.1:9/nowhere", database__max_size=7)
    clock = ManualClock()
    vitals = PoolVitals(Database(settings.database, surroundings(clock)), clock)
    first = vitals.read()
    assert (first.busy, first.maximum, first.waiters, first.queries, first.away) == (0, 7, 0, 0, 0.0)
    clock.advance(12.0)
    assert vitals.read().away == 12.0


async def test_of_several_pools_the_fullest_counts() -> None:
    """And everybody who waits, at whichever of them."""
    settings = settings_for(database__url="postgresql://127.0.0.1:9/nowhere", database__max_size=7)
    clock = ManualClock()
    database = Database(settings.database, surroundings(clock))
    database.pools.add(MeasuredPool("agents", 3, lambda: numbers(2, 1, 11)))
    database.pools.add(MeasuredPool("another", 100, lambda: numbers(50, 2, 5)))
    vitals = PoolVitals(database, clock).read()
    assert (vitals.busy, vitals.maximum, vitals.waiters, vitals.queries) == (2, 3, 3, 16)

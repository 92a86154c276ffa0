"""What the pools of database connections tell the monitor."""

from __future__ import annotations

from channels.clock import Clock
from hub.adapters.database import Database
from integrations.system_monitor.vitals import DatabaseVitals


class PoolVitals:
    """Reads the numbers of all pools as if they were one; the fullest says how full that is."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._away_since: float | None = None

    def read(self) -> DatabaseVitals:
        """Return what rules look at."""
        pools = [(pool.maximum, pool.numbers()) for pool in self._database.pools]
        maximum, fullest = max(pools, key=lambda pool: pool[1].active_connections / pool[0])
        return DatabaseVitals(
            busy=fullest.active_connections,
            maximum=maximum,
            waiters=sum(numbers.waiters for _, numbers in pools),
            timeouts=sum(numbers.timeouts + numbers.refused for _, numbers in pools),
            queries=sum(numbers.total_queries for _, numbers in pools),
            slow_queries=sum(numbers.slow_queries for _, numbers in pools),
            away=self._away(),
        )

    def _away(self) -> float:
        now = self._clock.monotonic()
        if self._database.available:
            self._away_since = None
            return 0.0
        if self._away_since is None:
            self._away_since = now
        return now - self._away_since

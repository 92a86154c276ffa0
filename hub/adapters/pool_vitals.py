"""What the hub's database pool tells the monitor."""

from __future__ import annotations

from channels.clock import Clock
from hub.adapters.database import Database
from integrations.system_monitor.vitals import DatabaseVitals


class PoolVitals:
    """Reads the pool's numbers."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._away_since: float | None = None

    def read(self) -> DatabaseVitals:
        """Return what rules look at."""
        numbers = self._database.pool.numbers()
        return DatabaseVitals(
            busy=numbers.active_connections,
            maximum=self._database.pool.options.maximum,
            waiters=numbers.waiters,
            timeouts=numbers.timeouts + numbers.refused,
            queries=numbers.total_queries,
            slow_queries=numbers.slow_queries,
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

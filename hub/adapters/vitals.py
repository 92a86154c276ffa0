"""What the hub knows of itself, for the monitor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from channels.clock import Clock
from hub.connections import Connections
from hub.degraded import BackboneNumbers
from hub.notify import Inbox
from integrations.system_monitor.stats import ServiceNumbers
from integrations.system_monitor.vitals import HubVitals


class Counted(Protocol):
    """HTTP requests since the start (`hub.http.statistics.RequestStatistics`)."""

    total: int
    failed: int

    @property
    def successful(self) -> int: ...

    @property
    def average_milliseconds(self) -> float: ...


class Link(Protocol):
    """The link to the broker (`hub.degraded.Availability`)."""

    available: bool


class Vitals:
    """Reads the hub's counters.

    Args:
        link: to the broker.
        backbone: asks the broker for what it counts.
        spool_limit: publications that may wait for the broker.
    """

    def __init__(
        self,
        requests: Counted,
        connections: Connections,
        inbox: Inbox,
        link: Link,
        backbone: Callable[[], BackboneNumbers],
        spool_limit: int,
        clock: Clock,
    ) -> None:
        self._requests = requests
        self._connections = connections
        self._inbox = inbox
        self._link = link
        self._backbone = backbone
        self._spool_limit = spool_limit
        self._clock = clock
        self._away_since: float | None = None
        self._lag = 0.0

    def numbers(self) -> ServiceNumbers:
        """Return what `system_stats` tells of the service."""
        requests = self._requests
        return ServiceNumbers(
            requests.total,
            requests.successful,
            requests.failed,
            requests.average_milliseconds,
            len(self._connections),
        )

    def lagged(self, seconds: float) -> None:
        """Note by how much the event loop was late."""
        self._lag = max(self._lag, seconds)

    def read(self) -> HubVitals:
        """Return what rules look at. One reader: the event loop's lag is since the previous call."""
        requests, connections = self._requests, self._connections
        lag, self._lag = self._lag, 0.0
        return HubVitals(
            requests=requests.total,
            failed=requests.failed,
            request_seconds=requests.average_milliseconds * requests.total / 1000,
            connections=len(connections),
            connections_limit=connections.limits.connections,
            slow_connections=sum(connection.lags for connection in connections),
            queue=len(self._inbox),
            queue_limit=self._inbox.limit,
            dropped=self._inbox.outcomes["full"],
            spooled=self._backbone().spooled,
            spool_limit=self._spool_limit,
            loop_lag=lag,
            broker_away=self._away(),
        )

    def _away(self) -> float:
        """Return for how many seconds the broker has been away, as seen by who looks now and then."""
        now = self._clock.monotonic()
        if self._link.available:
            self._away_since = None
            return 0.0
        if self._away_since is None:
            self._away_since = now
        return max(now - self._away_since, 1e-3)  # away for a moment is away, too

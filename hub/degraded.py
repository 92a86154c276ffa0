"""Telling clients that the hub has lost its broker, and that it has it back. Their connections stay: a reconnect storm
would help nobody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import structlog

from channels.clock import Clock, iso
from channels.redis.timings import Timing
from hub.connection import Connection
from hub.connections import Connections
from hub.fanout import Fanout
from hub.tasks import Tasks

log = structlog.get_logger(__name__)

PATIENCE: Final = 0.5
"""Seconds that the broker may be away before clients are told: most absences are one lost connection, and shorter."""

REASON: Final = "the hub has lost its broker; publications may be late"
"""What clients are told."""

TURN: Final = 200
"""Connections that are told before others get the loop."""


class BackboneNumbers(NamedTuple):
    """What a broker that several processes share counts about itself. Counts are since the start.

    Attributes:
        losses: times that the link to it was lost.
        gaps: times that publications of a channel could not be had any more, and its subscribers were told.
        gaps_healed: times that missing publications were found in history.
        publications_healed: publications that were delivered this way.
        spooled: publications that wait now for the broker to come back.
        spooled_bytes: bytes of their data.
        scripts: how long its scripts take, by name.
    """

    losses: int = 0
    gaps: int = 0
    gaps_healed: int = 0
    publications_healed: int = 0
    spooled: int = 0
    spooled_bytes: int = 0
    scripts: Mapping[str, Timing] = {}


class Availability:
    """Whether the broker is there, and who has been told.

    Args:
        tasks: tell the connections.
        patience: see `PATIENCE`.

    Attributes:
        available: the broker is there.
        degraded: clients know that it isn't.
    """

    def __init__(
        self,
        connections: Connections,
        fanout: Fanout,
        clock: Clock,
        tasks: Tasks,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self.available = True
        self.degraded = False
        self._connections = connections
        self._fanout = fanout
        self._clock = clock
        self._tasks = tasks
        self._patience = patience
        self._away_since = 0.0
        self._away = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._notice: dict[str, Any] = {}
        self._rounds: deque[tuple[dict[str, Any], list[Connection]]] = deque()
        self._telling = False

    @property
    def seconds_away(self) -> float:
        """How long the broker was away since the start, in all."""
        return self._away + (0.0 if self.available else self._clock.monotonic() - self._away_since)

    @property
    def notice(self) -> Mapping[str, Any] | None:
        """What a connection must be told right after its welcome."""
        return self._notice if self.degraded else None

    def changed(self, available: bool, reason: str) -> None:
        """The broker went away or came back. Called on the loop; saying the same again changes nothing.

        Args:
            reason: why it is away, for the log. Clients aren't told: it may name hosts.
        """
        if available == self.available:
            return
        self.available = available
        now = self._clock.monotonic()
        if available:
            self._away += now - self._away_since
            self._come_back()
        else:
            self._away_since = now
            self._timer = asyncio.get_running_loop().call_later(self._patience, self._give_up, reason)

    def stop(self) -> None:
        """Tell nobody any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self, reason: str) -> None:
        self._timer = None
        self.degraded = True
        self._notice = {"type": "degraded", "reason": REASON, "timestamp": iso(self._clock.now())}
        log.debug("the broker is away; clients stay connected", reason=reason)
        self._tell(self._notice)

    def _come_back(self) -> None:
        self.stop()
        if self.degraded:
            self.degraded = False
            log.debug("the broker is back", away=round(self._clock.monotonic() - self._away_since, 3))
            self._tell({"type": "restored", "timestamp": iso(self._clock.now())})

    def _tell(self, notice: dict[str, Any]) -> None:
        # Those who are welcomed by now: who comes later has it after the welcome, so nobody is told of the one without
        # the other.
        welcomed = [c for c in self._connections if c in self._connections.of_client(c.client_id)]
        self._rounds.append((notice, welcomed))
        if not self._telling:
            self._telling = True
            self._tasks.spawn(self._work(), "availability")

    async def _work(self) -> None:
        try:
            while self._rounds:
                notice, connections = self._rounds.popleft()
                for number, connection in enumerate(connections, start=1):
                    if connection.is_open:
                        self._fanout.notify(connection, notice)
                    if number % TURN == 0:
                        await asyncio.sleep(0)
        finally:
            self._telling = False

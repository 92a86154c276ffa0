"""Having people notified of alerts: by one process of all, and not of what is silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from channels.messages import SystemAlert
from hub.adapters.first_come import FirstCome


class Lane(Protocol):
    """One notifier."""

    @property
    def name(self) -> str: ...

    def offer(self, alert: SystemAlert) -> None:
        """Take an alert. Never waits, never raises."""


class Notifiers(Protocol):
    """All of them (`integrations.alert_notifiers.Dispatcher`)."""

    @property
    def lanes(self) -> Sequence[Lane]:
        """Each one."""

    def offer(self, alert: SystemAlert) -> None:
        """Take an alert. Never waits, never raises."""

    def acknowledge(self, alert: SystemAlert) -> None:
        """Say that somebody takes care of an alert. Never waits, never raises."""


class Notifying:
    """Offers alerts to notifiers.

    Args:
        notifiers: `None`: there are none.
        node: this process's name.

    Attributes:
        outcomes: alerts by what became of them: `offered`, `silenced`, `elsewhere` (another process has done it),
            `nobody` (there are no notifiers).
    """

    def __init__(self, notifiers: Notifiers | None, first: FirstCome, clock: Clock, node: str) -> None:
        self.outcomes: Counter[str] = Counter()
        self._notifiers = notifiers
        self._first = first
        self._clock = clock
        self._node = node

    async def notify(self, alert: SystemAlert) -> None:
        """Have people notified that an alert fires, still fires, or is resolved."""
        if self._notifiers is None:
            outcome = "nobody"
        elif alert.silenced:
            outcome = "silenced"
        elif await self._first(
            f"alert-notify/{alert.alert_id}/{alert.started_at.timestamp()}/{alert.status}/{alert.repetition or 0}",
            otherwise=True,  # twice is better than never
        ):
            self._notifiers.offer(alert)
            outcome = "offered"
        else:
            outcome = "elsewhere"
        self.outcomes[outcome] += 1

    def acknowledge(self, alert: SystemAlert) -> None:
        """Say that somebody takes care of an alert, where that is known to be one."""
        if self._notifiers is not None and not alert.silenced:
            self._notifiers.acknowledge(alert)

    def test(self, notifier: str, alert_id: str) -> None:
        """Send a test to one notifier.

        Raises:
            ReplyError: `not_found`, naming the notifiers that there are.
        """
        lanes = {} if self._notifiers is None else {lane.name: lane for lane in self._notifiers.lanes}
        if notifier not in lanes:
            known = ", ".join(sorted(lanes)) or "none are configured (section notifiers)"
            raise ReplyError(ErrorCode.NOT_FOUND, f"no notifier is called {notifier[:128]}; there are: {known}")
        lanes[notifier].offer(
            SystemAlert(
                alert_id=alert_id,
                name="test",
                severity="critical",
                status="firing",
                summary="This is a test of the notifier; nothing has happened",
                started_at=datetime.fromtimestamp(self._clock.now(), UTC),
                labels={"test": "true"},
                source=self._node,
            )
        )

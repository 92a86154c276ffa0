"""Alerts to all notifiers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress

import structlog

from channels.messages import SystemAlert
from integrations.alert_notifiers.lane import Lane

log = structlog.get_logger(__name__)


class Dispatcher:
    """Gives alerts to lanes, which work apart: a notifier that hangs holds up no other.

    All methods are called on one event loop. What is offered before the start waits for it.

    Args:
        grace: seconds that `stop` waits for what is under way.
    """

    def __init__(self, lanes: Iterable[Lane], grace: float = 5.0) -> None:
        self.lanes = tuple(lanes)
        self._grace = grace
        self._tasks: list[asyncio.Task[None]] = []

    def offer(self, alert: SystemAlert) -> None:
        """Have every notifier that the alert is for say that it fires or is resolved. Never waits, never raises."""
        for lane in self.lanes:
            lane.offer(alert)

    def acknowledge(self, alert: SystemAlert) -> None:
        """Say that somebody takes care of an alert, where the other side knows that (PagerDuty). Never waits."""
        for lane in self.lanes:
            lane.offer(alert, acknowledged=True)

    async def start(self) -> None:
        """Begin to send. Connects to nobody yet."""
        for lane in self.lanes:
            await lane.notifier.open()
            self._tasks.append(asyncio.create_task(lane.run(), name=f"notifier {lane.name}"))

    async def stop(self) -> None:
        """Try once what waits, for `grace` seconds at most, and end. What is left is counted as `unsent`."""
        for lane in self.lanes:
            lane.end()
        tasks, self._tasks = self._tasks, []
        if tasks:
            await asyncio.wait(tasks, timeout=self._grace)
        for task in tasks:
            task.cancel()
        for lane, task in zip(self.lanes, tasks, strict=False):
            with suppress(asyncio.CancelledError):
                await task
            await lane.notifier.close()
        if unsent := sum(lane.outcomes["unsent"] for lane in self.lanes):
            log.warning("stopped with alerts that were not sent", alerts=unsent)

    def numbers(self) -> Mapping[str, Mapping[str, int]]:
        """Return each notifier's outcomes (`Lane.outcomes`), and how many alerts wait for it as `waiting`."""
        return {lane.name: {**lane.outcomes, "waiting": len(lane)} for lane in self.lanes}

"""The watch: looks at all rules now and then, and says so at the desk when one fires or is resolved.

Every process watches itself, and its machine. An alert about the machine, which several processes find, is one alert:
the first to find it owns it, and the others leave it at that. An owner's word ends with its lease. When it is gone,
another one for which the rule fires goes on with the alert; if there is none, the alert is resolved as stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from channels.clock import Clock
from channels.messages import SystemAlert
from hub.adapters.alert_desk import AlertDesk
from integrations.system_monitor.book import Entry
from integrations.system_monitor.evaluation import Evaluation, State
from integrations.system_monitor.instruments import Instruments
from integrations.system_monitor.measures import Reading
from integrations.system_monitor.rules import Rule


class AlertWatch:
    """Evaluates rules.

    Args:
        node: this process's name.
        host: its machine's name.
        new_id: makes ids of alerts.

    Attributes:
        evaluations: each rule, and where it is.
        turns: how often all rules were looked at.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        instruments: Instruments,
        desk: AlertDesk,
        clock: Clock,
        node: str,
        host: str,
        new_id: Callable[[], str],
    ) -> None:
        self.evaluations = [Evaluation(rule) for rule in rules]
        self.turns = 0
        self.node = node
        self.host = host
        self._instruments = instruments
        self._desk = desk
        self._clock = clock
        self._new_id = new_id
        self._joined_since: float | None = None

    async def turn(self) -> None:
        """Look at everything once."""
        readings = await self._instruments.read()
        now = self._clock.monotonic()
        for evaluation in self.evaluations:
            change = evaluation.step(readings[evaluation.rule.metric], now)
            await self._act(evaluation, change)
        self.turns += 1
        await self._upkeep(readings["broker_away"], now)

    async def _act(self, evaluation: Evaluation, change: State | None) -> None:
        rule = evaluation.rule
        key = rule.key_for(self.node, self.host)
        entry = self._desk.book.firing(key)
        if evaluation.state is not State.FIRING:
            if change is State.RESOLVED and entry is not None and entry.owner == self.node:
                await self._desk.resolve(entry, "cleared", evaluation.value)
        elif entry is None:
            await self._fire(evaluation, key)
        elif entry.owner == self.node or (entry.until <= self._clock.now() and await self._desk.adopt(entry)):
            await self._desk.tend(entry, rule.repeat)

    async def _fire(self, evaluation: Evaluation, key: str) -> None:
        rule, value = evaluation.rule, evaluation.value
        if value is None:  # fires, was ended by others, and can't be measured now
            return
        if rule.shared:
            last = max((e.alert.started_at.timestamp() for e in self._desk.book if e.key == key), default=0.0)
            # Whoever knows of the same last time agrees on this name. Without the others, twice is better than never.
            if not await self._desk.first(f"alert-fire/{key}/{last:.6f}", self._desk.times.lease, otherwise=True):
                return
        alert = SystemAlert(
            alert_id=self._new_id(),
            name=rule.name,
            severity=rule.severity,
            status="firing",
            summary=rule.summary_for(value, self.node, self.host),
            value=round(value, 3),
            threshold=rule.threshold,
            started_at=datetime.fromtimestamp(self._clock.now(), UTC),
            labels=rule.labels_for(self.node, self.host),
            metric=rule.metric,
            unit=rule.measure.unit,
            runbook_url=rule.runbook_url or None,
            source=self.node,
        )
        await self._desk.fire(alert, key)

    async def _upkeep(self, broker_away: Reading, now: float) -> None:
        """Do for the book what nobody else does. Cut off from the others, a process knows nothing of their alerts."""
        if broker_away != 0.0:
            self._joined_since = None
        elif self._joined_since is None:
            self._joined_since = now
        await self._desk.speak_up()
        if self._joined_since is not None:
            await self._desk.catch_up()
            if now - self._joined_since >= self._desk.times.lease:
                await self._desk.end_stale(self._stale())
        self._desk.book.sweep(self._clock.now())

    def _stale(self) -> list[Entry]:
        """Return alerts whose owner has said nothing for a whole lease after the last one had ended."""
        latest = self._clock.now() - self._desk.times.lease
        mine = {e.rule.key_for(self.node, self.host) for e in self.evaluations if e.state is State.FIRING}
        return [e for e in self._desk.book if e.firing and e.until <= latest and e.key not in mine]

    async def stop(self) -> None:
        """End the alerts that are about this process alone. What is about the machine goes on, with another owner."""
        own = {e.rule.key_for(self.node, self.host) for e in self.evaluations if not e.rule.shared}
        for entry in self._desk.book:
            if entry.firing and entry.owner == self.node and entry.key in own:
                await self._desk.resolve(entry, "stopped")

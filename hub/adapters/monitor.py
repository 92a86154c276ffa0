"""The system monitor on the hub: its numbers on a timer, and the alerts."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from channels.push import Push
from hub.adapters.adapter import Surroundings
from hub.adapters.alert_board import AlertBoard
from hub.adapters.alert_desk import AlertDesk, Times
from hub.adapters.alert_listing import AlertListing
from hub.adapters.alert_notifying import Notifying
from hub.adapters.alert_rules import rules_of, silences_of
from hub.adapters.alert_silencing import Silencing
from hub.adapters.alert_watch import AlertWatch
from hub.adapters.first_come import FirstCome
from hub.adapters.notifiers import notifier_metrics
from hub.embedded.folder import state_folder
from hub.sections.alerts import AlertsOptions
from hub.sections.system_stats import SystemStatsOptions
from integrations.alert_notifiers import Dispatcher
from integrations.system_monitor.book import Book
from integrations.system_monitor.host import HostMeter
from integrations.system_monitor.host_stats import HostStatsProducer
from integrations.system_monitor.instruments import Instruments
from integrations.system_monitor.process import ProcessMeter
from integrations.system_monitor.stats import SystemStatsProducer
from integrations.system_monitor.telling import Telling
from integrations.system_monitor.ticker import Ticker
from integrations.system_monitor.vitals import DatabaseVitals

_FAREWELL: Final = 3.0
"""Seconds on stop in which the other processes are told; what they miss they find out by the lease."""


def new_alert_id() -> str:
    """Make an id: 72 random bits."""
    return f"a-{secrets.token_hex(9)}"


class Monitor:
    """Publishes the hub's own numbers and its machine's, and raises the alarm.

    Args:
        database: tells how the database pool is; `None`: the hub has none.
        dispatcher: has people notified; `None`: nobody is.

    Attributes:
        stats, host_stats: publish the numbers.
        desk: takes, ends and acknowledges alerts.
        silencing: makes and lifts silences.
        notifying: has people notified.
        watch: the rules.
        listing: alerts and rules of all processes.
    """

    name = "system_monitor"

    def __init__(
        self,
        stats: SystemStatsOptions,
        alerts: AlertsOptions,
        hub: Surroundings,
        database: Callable[[], DatabaseVitals] | None = None,
        dispatcher: Dispatcher | None = None,
    ) -> None:
        host = socket.gethostname()
        folder = Path(stats.data_folder) if stats.data_folder else state_folder(os.environ, Path.home())
        self.push = Push(hub.publish)
        self.stats = SystemStatsProducer(self.push, hub.numbers, stats.interval, hub.node, clock=hub.clock)
        self._meters = HostMeter(hub.clock, folder), HostMeter(hub.clock, folder)
        self.host_stats = HostStatsProducer(
            self.push, self._meters[0], stats.interval, hub.node, host, hub.claims, clock=hub.clock
        )
        book = Book(alerts.limit, silences_of(alerts))
        board = AlertBoard(hub.notices, book, hub.clock)
        times = Times(alerts.lease, alerts.external_lease, alerts.keep, alerts.acknowledgement)
        self.silencing = Silencing(book, board, hub.clock)
        first = FirstCome(hub.claims)
        self.notifying = Notifying(dispatcher, first, hub.clock, hub.node)
        self.desk = AlertDesk(self.push, book, board, first, hub.clock, hub.node, times, self.notifying)
        instruments = Instruments(
            hub.vitals, database, ProcessMeter(hub.clock), self._meters[1], hub.clock, alerts.window
        )
        self.watch = AlertWatch(rules_of(alerts), instruments, self.desk, hub.clock, hub.node, host, new_alert_id)
        self.listing = AlertListing(self.desk, self.watch, hub.clock, hub.peers)
        self._looking = Telling(
            "a look at the alert rules failed", self.watch.turn, lambda: Ticker(alerts.interval, hub.clock)
        )
        self._dispatcher = dispatcher
        self._options = stats, alerts
        self._hub = hub
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Publish the numbers and look at the rules now, and then on the timers."""
        stats, alerts = self._options
        if stats.interval:
            self._hub.tasks.spawn(self.stats.run(), "system stats")
            if stats.host:
                self._hub.tasks.spawn(self.host_stats.run(), "host stats")
        if self._dispatcher is not None:
            await self._dispatcher.start()
        if alerts.interval:
            self._watching = asyncio.create_task(self._looking.run(), name="alert rules")

    async def stop(self) -> None:
        """End the alerts that are about this process, and have people told. The other tasks end with the hub's."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._watching = None
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await self.watch.stop()
        if self._dispatcher is not None:
            await self._dispatcher.stop()
        for meter in self._meters:
            meter.close()

    def collect(self) -> Iterator[Metric]:
        """Measure alerts, rules and notifications. The numbers that it publishes are metrics of the hub itself."""
        alerts = GaugeMetricFamily("tocsin_alerts", "Alerts of this process.", labels=["state", "severity"])
        for key, number in sorted(self.listing.counts().items()):
            alerts.add_metric(key, number)
        yield alerts
        rules = GaugeMetricFamily("tocsin_alert_rules", "Rules by state.", labels=["state"])
        for state, number in sorted(Counter(e.state.value for e in self.watch.evaluations).items()):
            rules.add_metric([state], number)
        yield rules
        told = CounterMetricFamily(
            "tocsin_alert_dispatches", "Alerts by what became of their notification.", labels=["outcome"]
        )
        for outcome, number in sorted(self.notifying.outcomes.items()):
            told.add_metric([outcome], number)
        yield told
        yield _counter("tocsin_alert_evaluations", "Looks at all rules.", self.watch.turns)
        yield _counter("tocsin_alert_evaluation_failures", "Looks that failed.", self._looking.failures)
        yield _counter("tocsin_alerts_unshared", "Alerts that no other process could be told of.", self.desk.unshared)
        yield _counter("tocsin_alert_overflows", "Alerts and silences that were not kept.", self.desk.book.overflowed)
        yield from notifier_metrics(self._dispatcher)


def _counter(name: str, text: str, value: float) -> Metric:
    metric = CounterMetricFamily(name, text)
    metric.add_metric([], value)
    return metric

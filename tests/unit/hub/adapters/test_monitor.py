"""The system monitor on the hub. On sockets: tests/integration/test_alerts.py."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from channels.clock import SystemClock
from hub.adapters.adapter import Surroundings
from hub.adapters.adapters import AdapterCollector, make_adapters
from hub.adapters.monitor import Monitor, new_alert_id
from hub.sections.alerts import AlertsOptions
from hub.sections.system_stats import SystemStatsOptions
from integrations.alert_notifiers import Dispatcher
from integrations.system_monitor.evaluation import State
from tests.live import settings_for, until
from tests.unit.hub.adapters.surroundings import surroundings

Posts = list[tuple[str, str, Any]]

BIG = {"rules": {"process_memory": {"threshold": 1.0, "for": 0.0}}, "interval": 0.01}
"""A rule that fires: no process has less than 1 MB."""


def monitor(
    hub: Surroundings, stats: dict[str, Any], alerts: dict[str, Any], dispatcher: Dispatcher | None = None
) -> Monitor:
    """Put one together."""
    options = SystemStatsOptions.model_validate(stats), AlertsOptions.model_validate(alerts)
    return Monitor(*options, hub, dispatcher=dispatcher)


async def test_what_is_off_does_not_run() -> None:
    """With an interval of 0; and `host: false` leaves the machine's numbers out."""
    posts: Posts = []
    hub = surroundings(SystemClock(), posts)
    off = monitor(hub, {"interval": 0}, {"interval": 0})
    await off.start()
    assert (len(hub.tasks), off.watch.turns) == (0, 0)
    await off.stop()
    one = monitor(hub, {"interval": 60, "host": False}, {"interval": 0})
    await one.start()
    assert len(hub.tasks) == 1
    await until(lambda: len(posts) == 1)
    assert posts[0][:2] == ("system_alerts", "system_stats")
    await one.stop()
    await hub.tasks.stop()


async def test_it_watches_until_it_stops() -> None:
    """What fires is told; what stops ends its alerts, and looks no more."""
    posts: Posts = []
    hub = surroundings(SystemClock(), posts)
    own = monitor(hub, {"interval": 0}, BIG)
    await own.start()
    await until(lambda: len(posts) == 1)
    await own.stop()
    assert [(data.name, data.status) for _, _, data in posts] == [
        ("process_memory", "firing"),
        ("process_memory", "resolved"),
    ]
    turns = own.watch.turns
    await asyncio.sleep(0.05)
    assert own.watch.turns == turns
    assert own.push.outcomes == {"pushed": 2}


async def test_a_look_that_fails_is_counted() -> None:
    """And the next one is like any other."""
    hub = surroundings(SystemClock())
    own = monitor(hub, {"interval": 0}, BIG)
    turn, fail = own.watch.turn, [True]

    async def failing() -> None:
        if fail:
            raise RuntimeError("on purpose")
        await turn()

    own._looking._tell = failing
    await own.start()
    await until(lambda: own._looking.failures > 0)
    fail.clear()
    await until(lambda: own.watch.turns > 0)
    await own.stop()
    assert f"tocsin_alert_evaluation_failures_total {float(own._looking.failures)}" in exposed(own, hub)


def exposed(own: Monitor, hub: Surroundings) -> str:
    """Write its metrics."""
    registry = CollectorRegistry()
    registry.register(AdapterCollector(replace(make_adapters(settings_for(), hub), monitor=own)))
    return generate_latest(registry).decode()


async def test_metrics() -> None:
    """Alerts by state and severity, rules by state, looks, and what became of notifications."""
    hub = surroundings(SystemClock())
    own = monitor(hub, {"interval": 0}, BIG)
    await own.watch.turn()
    text = exposed(own, hub)
    for line in (
        'tocsin_alerts{severity="warning",state="firing"} 1.0',
        'tocsin_alert_rules{state="firing"} 1.0',
        'tocsin_alert_rules{state="not_applicable"} 3.0',
        'tocsin_alert_dispatches_total{outcome="nobody"} 1.0',
        "tocsin_alert_evaluations_total 1.0",
        "tocsin_alert_evaluation_failures_total 0.0",
        "tocsin_alerts_unshared_total 0.0",
        "tocsin_alert_overflows_total 0.0",
        'tocsin_pushes_total{adapter="system_monitor",outcome="pushed"} 1.0',
    ):
        assert line in text


async def test_notifiers_run_as_long_as_it_does() -> None:
    """They are started with it, get what fires and its end, and are stopped after that."""
    hub = surroundings(SystemClock())
    seen: list[str] = []

    class Recording(Dispatcher):
        async def start(self) -> None:
            seen.append("start")

        async def stop(self) -> None:
            seen.append("stop")

        def offer(self, alert: Any) -> None:
            seen.append(alert.status)

    own = monitor(hub, {"interval": 0}, BIG, Recording(()))
    await own.start()
    await until(lambda: any(e.state is State.FIRING for e in own.watch.evaluations))
    await own.stop()
    assert seen == ["start", "firing", "resolved", "stop"]


def test_ids_of_alerts_are_like_no_other() -> None:
    """And are names in a path."""
    assert len({new_alert_id() for _ in range(1_000)}) == 1_000
    assert new_alert_id().startswith("a-")

"""All adapters of a hub."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from channels.clock import SystemClock
from hub.adapters.adapters import AdapterCollector, make_adapters
from tests.live import settings_for
from tests.unit.hub.adapters.surroundings import surroundings


async def test_without_configuration_nothing_needs_a_server() -> None:
    """What the configuration doesn't ask for isn't there."""
    adapters = make_adapters(settings_for(), surroundings(SystemClock()))
    assert adapters.database is None
    assert adapters.monitor.name == "system_monitor"


async def test_they_start_and_stop_together() -> None:
    """In opposite orders; and stopping what never started is no matter."""
    hub = surroundings(SystemClock())
    adapters = make_adapters(settings_for(), hub)
    await adapters.stop()
    await adapters.start()
    await adapters.stop()
    await hub.tasks.stop()


async def test_pushes_are_counted_by_adapter() -> None:
    """And by what became of them."""
    adapters = make_adapters(settings_for(), surroundings(SystemClock()))
    adapters.monitor.push("c", "t", 1)
    registry = CollectorRegistry()
    registry.register(AdapterCollector(adapters))
    text = generate_latest(registry).decode()
    assert 'tocsin_pushes_total{adapter="system_monitor",outcome="pushed"} 1.0' in text

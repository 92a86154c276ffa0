"""What a process of the hub measures of itself."""

from __future__ import annotations

import time

import pytest

from channels.local import LocalNodes
from channels.messages import HubStats
from channels.ports import Nodes, Subscription
from hub.adapters.hub_meter import HubMeter
from hub.connections import Connections
from hub.degraded import Availability
from hub.metrics import Metrics
from hub.notify import Inbox
from hub.options import LimitOptions
from hub.reports import Reports
from hub.tasks import Tasks
from tests.joined import JoinedNodes, Junction
from tests.kit import ManualClock, draft
from tests.unit.hub.stage import RecordingConnection, RecordingHost, Stage


class Bench:
    """A meter over real counters."""

    def __init__(self, nodes: Nodes | None = None) -> None:
        self.stage = Stage()
        self.clock = ManualClock()
        self.connections = Connections(LimitOptions())
        self.inbox = Inbox()
        self.metrics = Metrics()
        self.tasks = Tasks()
        self.availability = Availability(self.connections, self.stage.fanout, self.clock, self.tasks, patience=0.0)
        self.meter = HubMeter(
            self.stage.engine,
            self.connections,
            self.stage.fanout.counters,
            self.inbox,
            self.metrics,
            self.availability,
            Reports(nodes or LocalNodes("n-1"), self.clock),
            self.clock,
        )

    async def after(self, seconds: float) -> HubStats:
        """Let time pass, and measure."""
        self.clock.advance(seconds)
        return await self.meter.measure()


async def test_an_idle_process() -> None:
    """All that is counted is 0, what was not observed is null, and what it takes of its machine is real."""
    stats = await Bench().after(5.0)
    assert (stats.node, stats.processes, stats.interval) == ("n-1", 1, 5.0)
    assert [value for name, value in stats if name.endswith("_per_second")] == [0.0] * 4
    assert [value for name, value in stats if name.startswith(("publish_to_write", "loop_lag"))] == [None] * 6
    assert (stats.broker_available, stats.degraded) == (True, None)
    assert stats.memory_usage > 10
    assert stats.uptime > 0


async def test_rates_are_over_the_time_since_the_last_look() -> None:
    """Publications, deliveries, bytes and refusals; the next look begins anew."""
    bench = Bench()
    connection = RecordingConnection("tab", "s-1")
    await bench.stage.engine.subscribe(connection, "news")
    for number in range(8):
        await bench.stage.engine.publish(draft("news", number))
    bench.stage.fanout.flush()
    for code in ("unknown_channel", "unknown_channel", "rate_limited", "invalid_command"):
        bench.metrics.count_error(code)
    stats = await bench.after(4.0)
    assert (stats.publications_per_second, stats.deliveries_per_second, stats.commands_refused_per_second) == (2, 2, 1)
    assert stats.sent_bytes_per_second == bench.stage.fanout.counters.bytes / 4 > 100
    stats = await bench.after(4.0)
    assert [value for name, value in stats if name.endswith("_per_second")] == [0.0] * 4
    assert (await bench.after(0.0)).publications_per_second == 0.0, "no time has passed"


async def test_times_are_in_milliseconds() -> None:
    """Interpolated in their buckets; the worst lag is exact, and nothing is above it."""
    bench = Bench()
    for _ in range(100):
        bench.metrics.publish_to_write.observe(0.0015)
    for seconds in (0.0001, 0.0001, 0.3):
        bench.metrics.loop_lag.observe(seconds)
        bench.meter.lagged(seconds)
    stats = await bench.after(5.0)
    assert (stats.publish_to_write_p50, stats.publish_to_write_p95, stats.publish_to_write_p99) == (1.75, 2.425, 2.485)
    assert stats.loop_lag_p50 == pytest.approx(0.375)
    assert (stats.loop_lag_p99, stats.loop_lag_max) == (300.0, 300.0)
    bench.metrics.loop_lag.observe(0.002)
    bench.meter.lagged(0.002)
    stats = await bench.after(5.0)
    assert (stats.loop_lag_max, stats.publish_to_write_p50) == (2.0, None)


async def test_what_there_is_now() -> None:
    """Connections, those that don't keep up, subscriptions, and what waits to be published."""
    bench = Bench()
    host = RecordingHost()
    slow, prompt = host.connect("a")[0], host.connect("b")[0]
    for connection, channels in ((slow, ("news", "alerts")), (prompt, ("news",))):
        bench.connections.add(connection)
        for channel in channels:
            bench.stage.engine.registry.add(connection, channel, Subscription())
    slow.pause_writing()
    slow.send(b"x" * 50)
    bench.inbox.put("news", "t", 1)
    stats = await bench.after(5.0)
    assert (stats.connections, stats.slow_connections, stats.queued_bytes) == (2, 1, 50)
    assert (stats.subscriptions, stats.channels, stats.notify_queue) == (3, 2, 1)


async def test_the_broker_is_away() -> None:
    """First it is only away; the reason is there once clients are told."""
    bench = Bench()
    bench.availability.changed(False, "connection refused by 10.0.0.1")
    stats = await bench.after(1.0)
    assert (stats.broker_available, stats.degraded) == (False, None)
    bench.availability._give_up("")
    degraded = (await bench.after(1.0)).degraded
    assert degraded is not None
    assert "lost its broker" in degraded
    bench.availability.stop()
    await bench.tasks.stop()


async def test_other_processes_are_counted() -> None:
    """Those that reported of late."""
    junction = Junction(ManualClock())
    bench, _ = Bench(JoinedNodes(junction, "a")), JoinedNodes(junction, "b")
    assert ((await bench.after(1.0)).node, (await bench.after(1.0)).processes) == ("a", 2)


async def test_a_look_is_cheap() -> None:
    """With nobody there, far below a thousandth of the interval of five seconds."""
    bench = Bench()
    took = []
    for _ in range(20):
        began = time.perf_counter()
        await bench.meter.measure()
        took.append(time.perf_counter() - began)
    assert min(took) < 0.005

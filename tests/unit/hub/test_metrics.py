"""What Prometheus sees."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from channels.ports import Subscription
from hub.connections import Connections
from hub.metrics import CONTENT_TYPE, HubCollector, Metrics
from hub.notify import Inbox
from hub.options import LimitOptions
from tests.unit.hub.stage import RecordingHost, Stage

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


class Instruments:
    """All that is measured, on a stage."""

    def __init__(self) -> None:
        self.stage = Stage()
        self.host = RecordingHost()
        self.connections = Connections(LimitOptions())
        self.inbox = Inbox(limit=1)
        self.metrics = Metrics()
        counters = self.stage.fanout.counters
        self.metrics.registry.register(HubCollector(self.stage.engine, self.connections, counters, self.inbox))

    def read(self) -> Samples:
        """Return all samples, as Prometheus's own parser reads them."""
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(self.metrics.expose().decode())
            for sample in family.samples
        }

    def value(self, metric: str, /, **labels: str) -> float:
        return self.read()[metric, tuple(sorted(labels.items()))]


@pytest.fixture
async def instruments() -> Instruments:
    return Instruments()


async def test_an_idle_hub_exposes_zeros(instruments: Instruments) -> None:
    """Everything without labels is there from the start."""
    samples = instruments.read()
    for name in ("connections", "slow_connections", "queued_bytes", "notify_queue"):
        assert samples[f"tocsin_{name}", ()] == 0
    for name in ("connections_opened", "deliveries", "writes", "sent_bytes", "flushes"):
        assert samples[f"tocsin_{name}_total", ()] == 0
    assert "version=0.0.4" in CONTENT_TYPE


async def test_connections(instruments: Instruments) -> None:
    """Now, ever, slow, queued, and ended by close code."""
    connections = instruments.connections
    live, _ = instruments.host.connect("a")
    connections.add(live)
    live.pause_writing()
    live.send(b"x" * 100)
    for code in (1000, 4002, 4002):
        gone, _ = instruments.host.connect("b")
        connections.add(gone)
        gone.close_code = code
        connections.remove(gone)
    assert instruments.value("tocsin_connections") == 1
    assert instruments.value("tocsin_connections_opened_total") == 4
    assert instruments.value("tocsin_slow_connections") == 1
    assert instruments.value("tocsin_queued_bytes") == 100
    assert instruments.value("tocsin_connections_closed_total", code="1000", name="normal") == 1
    assert instruments.value("tocsin_connections_closed_total", code="4002", name="slow consumer") == 2


async def test_codes_of_the_clients_own_are_one(instruments: Instruments) -> None:
    """A client may close with any of two thousand codes; the number of labels is bounded all the same."""
    for code in (*range(3000, 3100), *range(4900, 5000), 1006):
        gone, _ = instruments.host.connect("a")
        instruments.connections.add(gone)
        gone.close_code = code
        instruments.connections.remove(gone)
    closed = {labels: value for (name, labels), value in instruments.read().items() if "closed_total" in name}
    assert closed == {
        (("code", "1006"), ("name", "other")): 1,
        (("code", "other"), ("name", "other")): 200,
    }


async def test_subscriptions_of_a_namespace_are_one(instruments: Instruments) -> None:
    """No label holds a user's or a room's name."""
    registry = instruments.stage.engine.registry
    for number, channel in enumerate(["news", "news", "room:secret", "room:other", "user:alice"]):
        registry.add(instruments.stage.seat(f"c{number}").connection, channel, Subscription())
    assert instruments.value("tocsin_subscriptions", channel="news") == 2
    assert instruments.value("tocsin_subscriptions", channel="room:*") == 2
    assert instruments.value("tocsin_subscriptions", channel="user:*") == 1
    assert b"secret" not in instruments.metrics.expose()
    assert b"alice" not in instruments.metrics.expose()


async def test_notifications_by_outcome(instruments: Instruments) -> None:
    """What was taken, and what was dropped and why."""
    instruments.inbox.put("news", "t", 1)
    instruments.inbox.put("news", "t", 2)
    instruments.inbox.put("news", "t", object())
    assert instruments.value("tocsin_notify_queue") == 1
    for outcome in ("accepted", "full", "unencodable"):
        assert instruments.value("tocsin_notifications_total", outcome=outcome) == 1


async def test_errors_and_times(instruments: Instruments) -> None:
    """Refused commands by code; histograms of delays."""
    instruments.metrics.count_error("invalid_json")
    instruments.metrics.count_error("invalid_json")
    instruments.metrics.publish_to_write.observe(0.0007)
    instruments.metrics.loop_lag.observe(0.2)
    instruments.metrics.http.labels("GET", "/api/stats", "200").observe(0.001)
    assert instruments.value("tocsin_command_errors_total", code="invalid_json") == 2
    assert instruments.value("tocsin_publish_to_write_seconds_bucket", le="0.001") == 1
    assert instruments.value("tocsin_publish_to_write_seconds_bucket", le="0.0005") == 0
    assert instruments.value("tocsin_event_loop_lag_seconds_count") == 1
    assert instruments.value("tocsin_http_request_seconds_count", method="GET", route="/api/stats", status="200") == 1

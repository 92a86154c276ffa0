"""What Prometheus sees."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from channels.ports import Subscription
from channels.redis.timings import Timing
from hub.connections import Connections
from hub.degraded import Availability, BackboneNumbers
from hub.metrics import CONTENT_TYPE, BrokerCollector, HubCollector, Metrics
from hub.notify import Inbox
from hub.options import LimitOptions
from hub.tasks import Tasks
from tests.kit import draft
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
        self.tasks = Tasks()
        self.availability = Availability(self.connections, self.stage.fanout, self.stage.clock, self.tasks)
        self.numbers = BackboneNumbers()
        self.metrics.registry.register(BrokerCollector(self.availability, lambda: self.numbers))

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
    assert instruments.inbox.put("news", "t", 1)
    assert not instruments.inbox.put("news", "t", 2)
    assert not instruments.inbox.put("news", "t", object())
    assert instruments.value("tocsin_notify_queue") == 1
    for outcome in ("accepted", "full", "unencodable"):
        assert instruments.value("tocsin_notifications_total", outcome=outcome) == 1


async def test_the_broker(instruments: Instruments) -> None:
    """Whether it is there, for how long it wasn't, and what it counts itself."""
    assert instruments.value("tocsin_broker_available") == 1
    timing = Timing()
    timing.buckets[2], timing.buckets[-1], timing.seconds, timing.failed = 3, 1, 4.5, 1
    instruments.availability.changed(False, "cut")
    instruments.stage.clock.advance(2.5)
    instruments.numbers = BackboneNumbers(1, 2, 3, 4, 5, 6, {"read": timing})
    samples = instruments.read()
    found = {name: value for (name, labels), value in samples.items() if not labels}
    wanted = {
        "broker_available": 0,
        "broker_away_seconds_total": 2.5,
        "broker_losses_total": 1,
        "gaps_total": 2,
        "gaps_healed_total": 3,
        "publications_healed_total": 4,
        "spooled": 5,
        "spooled_bytes": 6,
        "nodes": 1,
        "nodes_missing": 0,
    }
    assert {name: found[f"tocsin_{name}"] for name in wanted} == wanted
    read, call = ("script", "read"), "tocsin_redis_call_seconds"
    assert samples["tocsin_redis_calls_failed_total", (read,)] == 1
    assert (samples[f"{call}_count", (read,)], samples[f"{call}_sum", (read,)]) == (4, 4.5)
    assert [samples[f"{call}_bucket", (("le", end), read)] for end in ("0.0005", "0.001", "2.5", "+Inf")] == [
        0,
        3,
        3,
        4,
    ]
    instruments.availability.changed(True, "")
    instruments.stage.clock.advance(5.0)
    assert instruments.value("tocsin_broker_away_seconds_total") == 2.5


async def test_retried_notifications(instruments: Instruments) -> None:
    """Each time that one had to wait on."""
    instruments.inbox.retries = 7
    assert instruments.value("tocsin_notify_retries_total") == 7


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


async def test_names(instruments: Instruments) -> None:
    """Every metric is the hub's by its name, says what it is, and has no label but these few."""
    instruments.metrics.count_error("invalid_json")
    instruments.metrics.http.labels("GET", "/ws", "200").observe(0.001)
    instruments.stage.engine.registry.add(instruments.stage.seat().connection, "news", Subscription())
    assert instruments.inbox.put("news", "t", 1)
    gone, _ = instruments.host.connect("a")
    instruments.connections.add(gone)
    instruments.connections.remove(gone)
    families = list(text_string_to_metric_families(instruments.metrics.expose().decode()))
    assert {family.type for family in families} <= {"counter", "gauge", "histogram"}
    labels = set()
    for family in families:
        assert family.name.startswith("tocsin_")
        assert family.documentation.endswith(".")
        labels |= {label for sample in family.samples for label in sample.labels}
    assert labels == {"channel", "code", "le", "method", "name", "outcome", "route", "status"}


async def test_whoever_connects_is_in_no_label(instruments: Instruments) -> None:
    """Neither user nor client id, session or address, so that metrics are nobody's personal data, and few."""
    connection, _ = instruments.host.connect("her-laptop", "alice", "203.0.113.77")
    instruments.connections.add(connection)
    instruments.connections.claim(connection.session, "alice")
    for channel in ("user:alice", "room:secrets", "session:hush", "job:nightly"):
        instruments.stage.engine.registry.add(connection, channel, Subscription())
    text = instruments.metrics.expose().decode()
    for word in ("alice", "laptop", "203.0.113.77", connection.session, "secrets", "hush", "nightly"):
        assert word not in text


async def test_fan_out_is_counted(instruments: Instruments) -> None:
    """Publications by how often they were handed over, writes, bytes and turns."""
    stage = instruments.stage
    for name in ("a", "b"):
        await stage.seat(name).ask(action="subscribe", channel="news")
    await stage.engine.publish(draft("news"))
    stage.fanout.flush()
    assert instruments.value("tocsin_deliveries_total") == 2
    assert instruments.value("tocsin_writes_total") == 2
    assert instruments.value("tocsin_flushes_total") == 1
    assert instruments.value("tocsin_sent_bytes_total") > 100

"""What Prometheus sees. Hot paths count in plain numbers of their own; they are read only when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from channels.engine import Engine
from channels.model import namespace_of
from channels.redis.timings import BOUNDS, Timing
from hub.closing import CloseCode
from hub.connections import Connections
from hub.degraded import Availability, BackboneNumbers
from hub.fanout import FanoutCounters
from hub.notify import Inbox

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_DELAYS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """The hub's metrics. No label holds a user's, a client's or a room's name, so their number is bounded."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.publish_to_write = Histogram(
            "tocsin_publish_to_write_seconds",
            "From the first publication of a flush to the end of its writes.",
            buckets=_DELAYS,
            registry=self.registry,
        )
        self.loop_lag = Histogram(
            "tocsin_event_loop_lag_seconds",
            "How late the event loop runs what is due.",
            buckets=_DELAYS,
            registry=self.registry,
        )
        self.http = Histogram(
            "tocsin_http_request_seconds",
            "HTTP requests by method, route and status.",
            ("method", "route", "status"),
            buckets=_DELAYS,
            registry=self.registry,
        )
        self.errors = Counter(
            "tocsin_command_errors", "Refused commands by error code.", ("code",), registry=self.registry
        )

    def count_error(self, code: str) -> None:
        """Count a refused command."""
        self.errors.labels(code).inc()

    @property
    def refused(self) -> float:
        """Refused commands since the start."""
        return sum(s.value for metric in self.errors.collect() for s in metric.samples if s.name.endswith("_total"))

    def expose(self) -> bytes:
        """Write all metrics in Prometheus's text format."""
        return generate_latest(self.registry)


class HubCollector(Collector):
    """Reads the hub's own counters at the moment of asking."""

    def __init__(self, engine: Engine, connections: Connections, fanout: FanoutCounters, inbox: Inbox) -> None:
        self._engine = engine
        self._connections = connections
        self._fanout = fanout
        self._inbox = inbox

    def collect(self) -> Iterator[Metric]:
        yield from self._of_connections()
        yield self._of_subscriptions()
        fanout = self._fanout
        yield _counter("tocsin_deliveries", "Publications handed to connections.", fanout.deliveries)
        yield _counter("tocsin_writes", "Writes to sockets by fan-out.", fanout.writes)
        yield _counter("tocsin_sent_bytes", "Bytes written by fan-out, frames included.", fanout.bytes)
        yield _counter("tocsin_flushes", "Turns of fan-out.", fanout.flushes)
        outcomes = CounterMetricFamily("tocsin_notifications", "Calls of notify_* by outcome.", labels=["outcome"])
        for outcome, number in sorted(self._inbox.outcomes.items()):
            outcomes.add_metric([outcome], number)
        yield outcomes
        yield _counter(
            "tocsin_notify_retries", "Notifications that had to wait on for the broker, each time.", self._inbox.retries
        )
        yield GaugeMetricFamily("tocsin_notify_queue", "Notifications that wait to be published.", len(self._inbox))

    def _of_connections(self) -> Iterator[Metric]:
        connections = self._connections
        yield GaugeMetricFamily("tocsin_connections", "Connections now.", len(connections))
        yield _counter("tocsin_connections_opened", "Connections since the start.", connections.ever)
        closed = CounterMetricFamily(
            "tocsin_connections_closed", "Ended connections by close code.", labels=["code", "name"]
        )
        totals: dict[tuple[str, str], int] = {}
        for code, number in sorted(connections.closed.items()):
            # Clients choose among two thousand codes of their own.
            label = str(code) if code in _CODES or code < 3000 else "other"
            key = (label, CloseCode(code).label if code in _CODES else "other")
            totals[key] = totals.get(key, 0) + number
        for key, number in totals.items():
            closed.add_metric(key, number)
        yield closed
        slow = queued = 0
        for connection in connections:
            slow += connection.lags
            queued += connection.queued_bytes
        yield GaugeMetricFamily("tocsin_slow_connections", "Connections that don't keep up now.", slow)
        yield GaugeMetricFamily("tocsin_queued_bytes", "Bytes queued for slow connections.", queued)

    def _of_subscriptions(self) -> Metric:
        subscriptions = GaugeMetricFamily(
            "tocsin_subscriptions", "Subscriptions by channel; those of a namespace together.", labels=["channel"]
        )
        totals: dict[str, int] = {}
        for channel, number in self._engine.registry.counts().items():
            space = namespace_of(channel)
            label = f"{space[0]}:*" if space else channel
            totals[label] = totals.get(label, 0) + number
        for label, number in sorted(totals.items()):
            subscriptions.add_metric([label], number)
        return subscriptions


class BrokerCollector(Collector):
    """Reads what the link to the broker counts.

    Args:
        numbers: asks a broker that processes share; without it, all is in this process and nothing is ever amiss.
    """

    def __init__(self, availability: Availability, numbers: Callable[[], BackboneNumbers] = BackboneNumbers) -> None:
        self._availability = availability
        self._numbers = numbers

    def collect(self) -> Iterator[Metric]:
        availability, numbers = self._availability, self._numbers()
        yield GaugeMetricFamily("tocsin_broker_available", "1 while the broker is there.", availability.available)
        yield _counter("tocsin_broker_away_seconds", "Seconds without the broker.", availability.seconds_away)
        yield _counter("tocsin_broker_losses", "Times that the link to the broker was lost.", numbers.losses)
        yield _counter("tocsin_gaps", "Gaps that subscribers were told of.", numbers.gaps)
        yield _counter("tocsin_gaps_healed", "Gaps that were healed from history.", numbers.gaps_healed)
        yield _counter("tocsin_publications_healed", "Publications delivered by healing.", numbers.publications_healed)
        yield GaugeMetricFamily("tocsin_spooled", "Publications that wait for the broker.", numbers.spooled)
        yield GaugeMetricFamily("tocsin_spooled_bytes", "Bytes of their data.", numbers.spooled_bytes)
        yield from _of_scripts(numbers.scripts)
        # Where the metrics of several processes are gathered, `hub.exposition` writes these two.
        yield GaugeMetricFamily("tocsin_nodes", "Processes of the hub whose metrics these are.", 1)
        yield GaugeMetricFamily("tocsin_nodes_missing", "Processes that are known, and did not answer in time.", 0)


def _of_scripts(scripts: Mapping[str, Timing]) -> Iterator[Metric]:
    times = HistogramMetricFamily(
        "tocsin_redis_call_seconds", "Round trips of calls to Redis, by script.", labels=["script"]
    )
    failed = CounterMetricFamily(
        "tocsin_redis_calls_failed", "Calls that Redis refused or didn't answer, by script.", labels=["script"]
    )
    for name, timing in sorted(scripts.items()):
        ends = [*map(str, BOUNDS), "+Inf"]
        times.add_metric([name], list(zip(ends, accumulate(timing.buckets), strict=True)), timing.seconds)
        failed.add_metric([name], timing.failed)
    yield times
    yield failed


_CODES = {int(code) for code in CloseCode}


def _counter(name: str, text: str, value: float) -> Metric:
    metric = CounterMetricFamily(name, text)
    metric.add_metric([], value)
    return metric

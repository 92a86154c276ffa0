"""What the hub knows of itself."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from hub.adapters.vitals import Vitals
from hub.connections import Connections
from hub.degraded import BackboneNumbers
from hub.http.statistics import RequestStatistics
from hub.notify import Inbox
from hub.options import LimitOptions
from tests.kit import ManualClock


@dataclass
class Link:
    """A link to the broker."""

    available: bool = True


class Bench:
    """Vitals over real counters."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.requests = RequestStatistics()
        self.inbox = Inbox(limit=2)
        self.link = Link()
        self.spooled = 7
        self.vitals = Vitals(
            self.requests,
            Connections(LimitOptions(connections=50)),
            self.inbox,
            self.link,
            lambda: BackboneNumbers(spooled=self.spooled),
            100,
            self.clock,
        )


def test_requests_are_those_of_the_statistics() -> None:
    """For `system_stats`, and for rules."""
    bench = Bench()
    for status, seconds in ((200, 0.1), (404, 0.2), (500, 0.3)):
        bench.requests.count(status, seconds)
    numbers, vitals = bench.vitals.numbers(), bench.vitals.read()
    assert (numbers.total_requests, numbers.successful_requests, numbers.failed_requests) == (3, 1, 2)
    assert numbers.avg_response_time == pytest.approx(200.0)
    assert (vitals.requests, vitals.failed) == (3, 2)
    assert vitals.request_seconds == pytest.approx(0.6)


def test_queue_and_spool() -> None:
    """What waits, what may, and what found no place."""
    bench = Bench()
    for number in range(5):
        bench.inbox.put("c", "t", number)
    vitals = bench.vitals.read()
    assert (vitals.queue, vitals.queue_limit, vitals.dropped) == (2, 2, 3)
    assert (vitals.spooled, vitals.spool_limit) == (7, 100)
    assert (vitals.connections, vitals.connections_limit, vitals.slow_connections) == (0, 50, 0)


def test_lag_is_the_worst_since_the_last_look() -> None:
    """And is forgotten then."""
    bench = Bench()
    for seconds in (0.01, 0.7, 0.02):
        bench.vitals.lagged(seconds)
    assert [bench.vitals.read().loop_lag for _ in range(2)] == [0.7, 0.0]


def test_how_long_the_broker_is_away() -> None:
    """From the first look on; each time anew."""
    bench = Bench()
    assert bench.vitals.read().broker_away == 0.0
    bench.link.available = False
    assert 0.0 < bench.vitals.read().broker_away < 0.01, "away for a moment is away"
    bench.clock.advance(40.0)
    assert bench.vitals.read().broker_away == 40.0
    bench.link.available = True
    assert bench.vitals.read().broker_away == 0.0

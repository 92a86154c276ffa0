"""All measures at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from channels.clock import SystemClock
from integrations.system_monitor.host import Disk, HostMeter, HostReading
from integrations.system_monitor.instruments import Instruments
from integrations.system_monitor.measures import MEASURES, Missing
from integrations.system_monitor.process import ProcessMeter
from integrations.system_monitor.vitals import DatabaseVitals, HubVitals
from tests.kit import ManualClock

CALM = HubVitals(0, 0, 0.0, 2, 100, 1, 0, 10, 0, 0, 10, 0.01, 0.0)
IDLE = DatabaseVitals(1, 4, 0, 0, 0, 0, 0.0)


class Host(HostMeter):
    """A machine whose numbers the test sets."""

    def __init__(self) -> None:
        self.reading = HostReading(12.5, 4, (2.0, 1.0, 0.5), 100.0, 40.0, 60.0, Disk(10.0, 1.0, 90.0), 5.0)
        self.fault: Exception | None = None

    async def measure(self) -> HostReading:
        if self.fault is not None:
            raise self.fault
        return self.reading


class Bench:
    """Instruments on a hub whose numbers the test sets."""

    def __init__(self, database: bool = True) -> None:
        self.clock = ManualClock()
        self.hub = CALM
        self.database = IDLE
        self.host = Host()
        pool: Callable[[], DatabaseVitals] | None = (lambda: self.database) if database else None
        self.instruments = Instruments(lambda: self.hub, pool, ProcessMeter(SystemClock()), self.host, self.clock, 60.0)

    async def read(self, name: str) -> object:
        return (await self.instruments.read())[name]

    async def later(self, seconds: float, **hub: float) -> None:
        """Let time pass, and the hub's counters stand elsewhere."""
        self.clock.advance(seconds)
        self.hub = self.hub._replace(**hub)  # type: ignore[arg-type]


async def test_every_measure_is_taken() -> None:
    """Each is a number or says why it is none; what is of a window or since the last look needs a second one."""
    readings = await Bench().instruments.read()
    assert set(readings) == set(MEASURES)
    missing = {name for name, reading in readings.items() if isinstance(reading, Missing)}
    assert missing == {
        *("error_rate", "request_rate", "response_time", "queue_drops", "process_cpu"),
        *("database_timeouts", "slow_queries", "slow_query_share"),
    }


async def test_the_error_rate_is_that_of_the_window() -> None:
    """Not since the start: a bad past doesn't raise it, and doesn't hide what is bad now."""
    bench = Bench()
    bench.hub = CALM._replace(requests=10_000, failed=5_000)
    await bench.read("error_rate")
    await bench.later(60, requests=10_100, failed=5_000)
    assert await bench.read("error_rate") == 0.0
    await bench.later(60, requests=10_200, failed=5_030)
    readings = await bench.instruments.read()
    assert readings["error_rate"] == 30.0
    assert readings["request_rate"] == pytest.approx(100 / 60)


async def test_one_failure_in_a_quiet_night_is_no_error_rate_of_100_percent() -> None:
    """Of fewer than 20 requests, the rest counts as if it had succeeded."""
    bench = Bench()
    await bench.read("error_rate")
    await bench.later(5, requests=1, failed=1)
    assert await bench.read("error_rate") == 5.0
    await bench.later(5, requests=2, failed=2)
    assert await bench.read("error_rate") == 10.0


async def test_without_requests_there_is_no_response_time() -> None:
    """Nothing is divided by zero, and no number is made up."""
    bench = Bench()
    await bench.read("response_time")
    await bench.later(5)
    assert await bench.read("response_time") == Missing("no request in the window")
    await bench.later(5, requests=4, request_seconds=1.0)
    assert await bench.read("response_time") == 250.0


async def test_drops_are_an_overflow_whatever_the_queue_holds_now() -> None:
    """It may be empty again when somebody looks."""
    bench = Bench()
    await bench.read("queue_overflow")
    await bench.later(5, queue=3, spooled=6)
    assert await bench.read("queue_overflow") == 60.0, "the fuller one"
    await bench.later(5, queue=0, spooled=0, dropped=7)
    assert (await bench.read("queue_overflow"), await bench.read("queue_drops")) == (100.0, 7)
    await bench.later(61)
    assert await bench.read("queue_overflow") == 0.0


async def test_fills_are_shares_of_the_limits() -> None:
    """Without a limit there is no share."""
    bench = Bench()
    assert (await bench.read("connections_fill"), await bench.read("connections")) == (2.0, 2)
    bench.hub = CALM._replace(connections_limit=0)
    assert await bench.read("connections_fill") == Missing("limits.connections is 0, no limit", applicable=False)


async def test_without_a_database_its_measures_are_not_applicable() -> None:
    """And say so."""
    reading = await Bench(database=False).read("database_connections")
    assert reading == Missing("the hub has no database pool", applicable=False)


async def test_a_pool_whose_connections_are_all_taken() -> None:
    """Those who wait, and those who waited in vain in the window, prove it whatever the count says now."""
    bench = Bench()
    assert await bench.read("database_connections") == 25.0
    bench.database = IDLE._replace(waiters=1)
    assert await bench.read("database_connections") == 100.0
    bench.database = IDLE._replace(timeouts=2)
    readings = await bench.instruments.read()
    assert (readings["database_connections"], readings["database_timeouts"]) == (100.0, 2)


async def test_slow_queries_are_those_of_the_window() -> None:
    """Their number, and their share."""
    bench = Bench()
    bench.database = IDLE._replace(queries=1_000, slow_queries=10)
    await bench.instruments.read()
    bench.database = IDLE._replace(queries=1_100, slow_queries=15)
    readings = await bench.instruments.read()
    assert (readings["slow_queries"], readings["slow_query_share"]) == (5, 5.0)


async def test_the_machines_numbers() -> None:
    """Load per core; what the machine doesn't say is missing, and why."""
    bench = Bench()
    readings = await bench.instruments.read()
    names = ("host_cpu", "host_memory", "host_load", "host_disk")
    assert [readings[name] for name in names] == [12.5, 60.0, 0.5, 90.0]
    bench.host.reading = bench.host.reading._replace(cpu=None, load=None, disk=None)
    readings = await bench.instruments.read()
    assert all(isinstance(readings[name], Missing) for name in ("host_cpu", "host_load", "host_disk"))


async def test_what_fails_says_so_and_stops_nothing_else() -> None:
    """A fault in one place costs that place's measures, and no others."""
    bench = Bench()
    bench.host.fault = psutil.AccessDenied()
    bench.database = None  # type: ignore[assignment]
    readings = await bench.instruments.read()
    assert readings["host_memory"] == Missing("measuring failed: AccessDenied")
    assert readings["database_waiters"] == Missing("measuring failed: AttributeError")
    assert readings["connections"] == 2
    bench.hub = None  # type: ignore[assignment]
    assert await bench.read("connections") == Missing("measuring failed: AttributeError")


async def test_what_is_no_number_is_missing() -> None:
    """A rule can't compare with it."""
    bench = Bench()
    bench.hub = CALM._replace(loop_lag=math.nan)
    assert await bench.read("loop_lag") == Missing("measuring gave no number")


async def test_this_process_and_this_machine_are_really_measured(tmp_path: Path) -> None:
    """With the real meters."""
    clock = SystemClock()
    instruments = Instruments(lambda: CALM, None, ProcessMeter(clock), HostMeter(clock, tmp_path), clock, 60.0)
    assert (await instruments.read())["process_cpu"] == Missing("needs a second look")
    sum(range(3_000_000))
    readings = await instruments.read()
    assert isinstance(readings["process_cpu"], float)
    assert readings["process_cpu"] > 0
    assert readings["process_memory"] == pytest.approx(psutil.Process().memory_info().rss / 1e6, rel=0.02)
    assert readings["host_memory"] == pytest.approx(psutil.virtual_memory().percent, abs=5)

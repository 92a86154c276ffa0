"""What this process takes of its machine."""

from __future__ import annotations

import time

import psutil
import pytest

from channels.clock import SystemClock
from integrations.system_monitor.process import ProcessMeter
from tests.kit import ManualClock


def burn(seconds: float) -> None:
    """Take so much processor time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        sum(range(1000))


def test_the_first_reading_is_since_the_process_began() -> None:
    """And not the 0.0 that psutil gives at first."""
    own = psutil.Process()
    reading = ProcessMeter(SystemClock()).measure()
    times = own.cpu_times()
    mean = 100 * (times.user + times.system) / (time.time() - own.create_time())
    assert reading.cpu == pytest.approx(mean, rel=0.1)
    assert reading.cpu > 0


def test_further_readings_are_since_the_previous_one() -> None:
    """As psutil measures between the same two moments."""
    meter, own = ProcessMeter(SystemClock()), psutil.Process()
    meter.measure()
    own.cpu_percent()
    burn(0.3)
    busy, expected = meter.measure().cpu, own.cpu_percent()
    assert busy == pytest.approx(expected, abs=15)
    time.sleep(0.1)
    assert meter.measure().cpu < busy / 2


def test_memory_and_age_are_psutils() -> None:
    """MB of 1,000,000 bytes, and seconds."""
    own = psutil.Process()
    reading = ProcessMeter(SystemClock()).measure()
    assert reading.memory == pytest.approx(own.memory_info().rss / 1e6, rel=0.02)  # nearer than MB and MiB
    assert reading.uptime == pytest.approx(time.time() - own.create_time(), abs=1)


def test_without_time_in_between_the_last_number_stands() -> None:
    """Nothing is divided by zero."""
    meter = ProcessMeter(ManualClock(time.time()))
    first = meter.measure()
    assert meter.measure().cpu == first.cpu

"""Clocks, and how times are written."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from channels.clock import Clock, SystemClock, iso
from tests.kit import ManualClock


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000000Z"),
        (1_795_256_100.123456, "2026-11-21T10:15:00.123456Z"),
        (1_795_256_100.0, "2026-11-21T10:15:00.000000Z"),
    ],
)
def test_times_are_written_in_utc_with_microseconds_and_z(seconds: float, text: str) -> None:
    """Whole seconds have their six zeros too: every timestamp is equally long and sorts as text."""
    assert iso(seconds) == text


def test_a_written_time_can_be_read_back() -> None:
    """The standard library reads it, with its zone."""
    assert datetime.fromisoformat(iso(1_795_256_100.5)) == datetime(2026, 11, 21, 10, 15, 0, 500_000, tzinfo=UTC)


def test_the_system_clock_tells_the_machines_time() -> None:
    """Both clocks lie between two readings of the machine's own."""
    clock: Clock = SystemClock()
    before = time.monotonic(), time.time()
    monotonic, now = clock.monotonic(), clock.now()
    after = time.monotonic(), time.time()
    assert before[0] <= monotonic <= after[0]
    assert before[1] <= now <= after[1]


def test_a_manual_clock_is_a_clock() -> None:
    """The double moves both clocks, and only when told."""
    clock = ManualClock(now=10.0, monotonic=1.0)
    same: Clock = clock
    assert (same.now(), same.monotonic()) == (10.0, 1.0)
    clock.advance(2.5)
    assert (same.now(), same.monotonic()) == (12.5, 3.5)

"""Measuring a pool that somebody else owns."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import structlog

from integrations.db_pool import PoolOptions
from integrations.db_pool.observing import Gauge, Observer
from tests.kit import ManualClock
from tests.live import until
from tests.unit.integrations.db_pool.board import Board


def observing(gauge: Any, board: Board, clock: ManualClock | None = None, **options: Any) -> Observer:
    return Observer(gauge, board.push, PoolOptions(sample_interval=0.002, **options), clock or ManualClock(), "n-1")


@pytest.mark.parametrize(
    ("gauge", "active", "overflow", "utilization"),
    [
        (Gauge(5, 0, 0, 15), 0, 0, 0.0),
        (Gauge(5, 3, 2, 15), 1, 0, 20.0),
        (Gauge(5, 7, 0, 10), 7, 2, 100.0),
        (Gauge(0, 4, 1, None), 3, 4, 100.0),
    ],
)
def test_the_pools_own_numbers_are_normalised(gauge: Gauge, active: int, overflow: int, utilization: float) -> None:
    """No overflow below 0, no utilization above 100."""
    numbers = observing(lambda: gauge, Board()).numbers()
    assert (numbers.active_connections, numbers.overflow_connections) == (active, overflow)
    assert numbers.utilization == utilization
    assert numbers.pool_size == gauge.size


def test_waits_timeouts_and_failures_are_measured() -> None:
    """Each by its end; those who still wait count as well."""
    clock = ManualClock()
    observer = observing(lambda: Gauge(5, 0, 0, 5), Board(), clock)
    for error in (None, TimeoutError(), OSError(), asyncio.CancelledError()):
        observer.asked("him")
        clock.advance(0.5)
        observer.answered("him", error)
    observer.asked("her")
    clock.advance(2.0)
    numbers = observer.numbers()
    assert (numbers.timeouts, numbers.connect_errors, numbers.waiters) == (1, 1, 1)
    assert numbers.max_wait_time == pytest.approx(2000)
    assert numbers.wait_p50 == pytest.approx(500, rel=0.13)


async def test_numbers_and_leaks_come_on_the_timer() -> None:
    """A connection is suspected once; one that came back isn't."""
    board, clock = Board(), ManualClock()
    observer = observing(lambda: Gauge(5, 2, 0, 5), board, clock, leak_after=10, stats_interval=0.005)
    await observer.start()
    observer.borrowed("kept")
    observer.borrowed("returned")
    observer.borrowed("broken")
    observer.returned("returned")
    observer.lost("broken")
    clock.advance(11)
    await until(lambda: len(board.of("stats_update")) >= 3)
    await observer.close()
    await observer.close()
    [leak] = board.of("pool_leak_suspected")
    assert leak["stack"][0].endswith("in test_numbers_and_leaks_come_on_the_timer")
    assert (observer.numbers().leaks, observer.numbers().lost_connections) == (1, 1)
    assert board.of("stats_update")[0]["node"] == "n-1"


async def test_a_pool_that_cannot_be_asked_stops_nothing() -> None:
    """It is logged, and asked again."""
    board, answers = Board(), iter([OSError("on purpose")])

    def gauge() -> Gauge:
        for error in answers:
            raise error
        return Gauge(5, 0, 0, 5)

    observer = observing(gauge, board, stats_interval=0.002)
    with structlog.testing.capture_logs() as logs:
        await observer.start()
        await until(lambda: bool(board.of("stats_update")))
        await observer.close()
    assert [entry["event"] for entry in logs] == ["observing the pool failed"]

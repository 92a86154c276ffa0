"""A beat."""

from __future__ import annotations

import pytest

from integrations.system_monitor.ticker import Ticker
from tests.kit import ManualClock


class Sleeper:
    """Sleeps by moving the clock; `early` seconds too short."""

    def __init__(self, clock: ManualClock, early: float = 0.0) -> None:
        self.clock = clock
        self.early = early
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(max(0.0, seconds - self.early))


async def test_ticks_are_an_interval_apart_whatever_the_work_takes() -> None:
    """Work of a second in between makes the pause shorter, not the beat slower."""
    clock = ManualClock(monotonic=0.0)
    sleeper = Sleeper(clock)
    ticker = Ticker(30.0, clock, sleeper)
    times = []
    for work in (1.0, 2.0, 0.0):
        clock.advance(work)
        await ticker.wait()
        times.append(clock.monotonic())
    assert times == [30.0, 60.0, 90.0]
    assert sleeper.slept == [29.0, 28.0, 30.0]


async def test_ticks_that_nobody_waited_for_are_left_out() -> None:
    """After work of three intervals the next tick is the fourth, and not three at once."""
    clock = ManualClock(monotonic=0.0)
    ticker = Ticker(10.0, clock, Sleeper(clock))
    clock.advance(35.0)
    await ticker.wait()
    assert clock.monotonic() == 40.0


async def test_a_timer_that_rings_early_gives_no_second_tick() -> None:
    """Event loops may wake a moment before the time."""
    clock = ManualClock(monotonic=0.0)
    sleeper = Sleeper(clock, early=0.001)
    ticker = Ticker(10.0, clock, sleeper)
    for _ in range(3):
        await ticker.wait()
    assert clock.monotonic() == pytest.approx(30.0, abs=0.01)

"""The hub's own numbers on `system_alerts`. Those of its machine: test_host_stats.py."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
import structlog

from channels.messages import SystemStats, parse_message
from integrations.system_monitor.stats import ServiceNumbers, SystemStatsProducer
from tests.kit import ManualClock

NUMBERS = ServiceNumbers(100, 97, 3, 1.23456, 12)


class Board:
    """A publisher that keeps what it gets; it fails as often as the test says."""

    def __init__(self, failing: int = 0) -> None:
        self.posts: list[tuple[float, str, str, Any]] = []
        self.calls = 0
        self._failing = failing
        self._changed = asyncio.Event()

    def __call__(self, channel: str, type: str, data: Any) -> object:
        self.calls += 1
        self._changed.set()
        if self.calls <= self._failing:
            raise RuntimeError("on purpose")
        self.posts.append((time.monotonic(), channel, type, data))
        return None

    async def until(self, calls: int) -> None:
        """Wait for so many calls."""
        async with asyncio.timeout(10):
            while self.calls < calls:
                self._changed.clear()
                await self._changed.wait()


def producer(board: Board, interval: float = 0.01) -> SystemStatsProducer:
    return SystemStatsProducer(board, lambda: NUMBERS, interval)


async def run(producer: SystemStatsProducer, board: Board, calls: int) -> None:
    """Let a producer run for so many publications."""
    task = asyncio.create_task(producer.run())
    try:
        await board.until(calls)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def test_the_numbers_name_their_process() -> None:
    """A hub may have several; each publishes its own."""
    assert SystemStatsProducer(Board(), lambda: NUMBERS, 1.0, "n-1").measure().node == "n-1"
    assert producer(Board()).measure().node is None


async def test_the_numbers_are_the_processs_own() -> None:
    """Memory, processor time and age equal those that psutil gives for this process; the rest is the service's."""
    own = producer(Board())
    mine = psutil.Process()
    own.measure()
    mine.cpu_percent()
    end = time.process_time() + 0.3
    while time.process_time() < end:
        sum(range(1000))
    stats, cpu, memory = own.measure(), mine.cpu_percent(), mine.memory_info().rss / 1e6
    assert stats.memory_usage == pytest.approx(memory, rel=0.02)  # nearer than MB and MiB
    assert stats.cpu_usage == pytest.approx(cpu, abs=15)
    assert stats.cpu_usage > 0
    assert stats.uptime == pytest.approx(time.time() - mine.create_time(), abs=1)
    assert (stats.total_requests, stats.successful_requests, stats.failed_requests) == (100, 97, 3)
    assert (stats.avg_response_time, stats.active_connections) == (1.235, 12)


def test_the_numbers_are_a_typed_message() -> None:
    """Eight fields, as the channel's consumers expect them."""
    stats = producer(Board.__new__(Board)).measure()
    data = stats.model_dump(mode="json")
    assert len(data) == 9, "eight numbers, and whose they are"
    assert parse_message("system_stats", data) == stats


async def test_numbers_come_at_the_start_and_then_every_thirty_seconds() -> None:
    """By the clock, however long measuring takes: the first at once, and then on the beat."""
    clock, board = ManualClock(monotonic=0.0), Board()
    times: list[float] = []

    async def sleep(seconds: float) -> None:
        if len(times) == 4:
            await asyncio.Event().wait()
        clock.advance(seconds)

    def numbers() -> ServiceNumbers:
        times.append(clock.monotonic())
        clock.advance(0.75)
        return NUMBERS

    own = SystemStatsProducer(board, numbers, 30.0, clock=clock, sleep=sleep)
    await run(own, board, 4)
    assert times == [0.0, 30.0, 60.0, 90.0]
    assert {(channel, type) for _, channel, type, _ in board.posts} == {("system_alerts", "system_stats")}
    assert all(isinstance(data, SystemStats) for *_, data in board.posts)


async def test_a_publisher_that_raises_stops_nothing() -> None:
    """Each failure is counted, the first one logged; the next publication is tried all the same."""
    board = Board(failing=3)
    own = producer(board)
    with structlog.testing.capture_logs() as logs:
        await run(own, board, 5)
    assert own.failures == 3
    assert len(board.posts) == 2
    assert [entry["event"] for entry in logs] == ["system stats failed"]


async def test_a_measurement_that_fails_stops_nothing() -> None:
    """The service or the machine may have no numbers for a moment."""
    answers: Iterator[ServiceNumbers] = iter([NUMBERS])
    board = Board()
    own = SystemStatsProducer(board, lambda: next(answers), 0.005)
    task = asyncio.create_task(own.run())
    async with asyncio.timeout(10):
        while own.failures < 2:  # noqa: ASYNC110 - nothing announces a failure
            await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(board.posts) == 1


async def test_a_machine_that_gives_no_numbers_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as one whose process table can't be read for a moment."""
    board = Board()
    own = producer(board, 0.001)
    create_time = psutil.Process.create_time
    failing = [psutil.AccessDenied(), OSError("on purpose")]

    def fail_at_first(process: psutil.Process) -> Any:
        if failing:
            raise failing.pop()
        return create_time(process)

    monkeypatch.setattr(psutil.Process, "create_time", fail_at_first)
    await run(own, board, 2)
    assert (own.failures, failing) == (2, [])
    assert len(board.posts) == 2


async def test_a_hub_that_is_absent_is_no_matter() -> None:
    """A publisher that takes nothing, and says so, is like any other."""
    board = Board()
    own = SystemStatsProducer(lambda *_: board("x", "y", None) or False, lambda: NUMBERS, 0.001)
    await run(own, board, 2)
    assert own.failures == 0

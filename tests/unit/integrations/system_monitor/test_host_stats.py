"""The machine's numbers on `system_alerts`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import psutil
import pytest

from channels.clock import SystemClock
from channels.errors import ErrorCode, ReplyError
from channels.local import LocalClaims
from channels.messages import HostStats, parse_message
from channels.ports import Claims
from integrations.system_monitor.host import HostMeter
from integrations.system_monitor.host_stats import HostStatsProducer
from tests.kit import ManualClock, eventually


class Away:
    """Claims that can't be made."""

    async def claim(self, name: str, seconds: float) -> bool:
        raise ReplyError(ErrorCode.UNAVAILABLE, "on purpose")


class Machine:
    """One machine with processes that tell of it, each on a beat of its own."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(monotonic=0.0)
        self.claims = LocalClaims(self.clock)
        self.folder = folder
        self.posts: list[tuple[float, HostStats]] = []

    def publish(self, channel: str, type: str, data: Any) -> bool:
        assert (channel, type) == ("system_alerts", "host_stats")
        self.posts.append((self.clock.monotonic(), data))
        return True

    def process(self, node: str, claims: Claims | None = None, host: str = "db-1") -> HostStatsProducer:
        meter = HostMeter(SystemClock(), self.folder)
        return HostStatsProducer(self.publish, meter, 30.0, node, host, claims or self.claims, clock=self.clock)


async def test_the_numbers_are_the_machines(tmp_path: Path) -> None:
    """Apart from those of the process, and a typed message."""
    stats = await Machine(tmp_path).process("n-1").measure()
    memory, disk = psutil.virtual_memory(), psutil.disk_usage(str(tmp_path))
    assert (stats.host, stats.node, stats.cpu_count) == ("db-1", "n-1", psutil.cpu_count())
    assert stats.memory_total == round(memory.total / 1e6, 1)
    assert stats.memory_percent == pytest.approx(memory.percent, abs=5)
    assert stats.disk_total == round(disk.total / 1e6, 1)
    assert stats.load_1m == pytest.approx(psutil.getloadavg()[0], abs=1)
    data = stats.model_dump(mode="json")
    assert parse_message("host_stats", data) == stats


async def test_one_process_tells_of_a_machine(tmp_path: Path) -> None:
    """Two on beats of their own publish one message each 30 s; it is always the same one, and each machine has one."""
    machine = Machine(tmp_path)
    one, two, other = machine.process("n-1"), machine.process("n-2"), machine.process("n-3", host="db-2")
    for _ in range(3):
        await one._tell()
        machine.clock.advance(7.0)
        await two._tell()
        await other._tell()
        machine.clock.advance(23.0)
    assert [(at, stats.node) for at, stats in machine.posts if stats.host == "db-1"] == [
        (0.0, "n-1"),
        (30.0, "n-1"),
        (60.0, "n-1"),
    ]
    assert [stats.node for _, stats in machine.posts if stats.host == "db-2"] == ["n-3"] * 3


async def test_another_process_goes_on_when_one_is_gone(tmp_path: Path) -> None:
    """At its next tick after the first one's time is over."""
    machine = Machine(tmp_path)
    one, two = machine.process("n-1"), machine.process("n-2")
    await one._tell()
    for _ in range(2):
        machine.clock.advance(20.0)
        await two._tell()
    assert [(at, stats.node) for at, stats in machine.posts] == [(0.0, "n-1"), (40.0, "n-2")]


async def test_processes_that_cannot_reach_each_other_say_nothing_twice(tmp_path: Path) -> None:
    """It is counted, and tried again."""
    machine = Machine(tmp_path)
    producer = machine.process("n-1", Away())
    task = asyncio.create_task(producer.run())
    await eventually(lambda: producer.failures == 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert machine.posts == []

"""What is going on on the machine."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import psutil
import pytest

from channels.clock import SystemClock
from integrations.system_monitor.host import Disk, HostMeter, disk_of
from tests.live import until


async def test_memory_load_and_age_are_psutils(tmp_path: Path) -> None:
    """Sizes in MB of 1,000,000 bytes."""
    reading = await HostMeter(SystemClock(), tmp_path).measure()
    memory = psutil.virtual_memory()
    assert reading.memory_total == memory.total / 1e6
    assert reading.memory_available == pytest.approx(memory.available / 1e6, rel=0.1)
    assert reading.memory_percent == pytest.approx(memory.percent, abs=5)
    assert reading.cpu_count == psutil.cpu_count()
    assert reading.load == pytest.approx(psutil.getloadavg(), abs=1)
    assert reading.uptime == pytest.approx(time.time() - psutil.boot_time(), abs=2)


async def test_processor_time_is_psutils_between_the_same_moments(tmp_path: Path) -> None:
    """Of all processors together."""
    meter = HostMeter(SystemClock(), tmp_path)
    await asyncio.sleep(0.2)
    await meter.measure()
    psutil.cpu_percent()
    end = time.process_time() + 0.4
    while time.process_time() < end:
        sum(range(1000))
    reading, expected = await meter.measure(), psutil.cpu_percent()
    assert reading.cpu == pytest.approx(expected, abs=15)
    assert 0 < (reading.cpu or 0) <= 100


async def test_processor_time_of_no_time_is_unknown(tmp_path: Path) -> None:
    """And not 0 %, as psutil says at first."""
    assert (await HostMeter(SystemClock(), tmp_path).measure()).cpu is None


async def test_the_disk_is_the_one_with_the_folder(tmp_path: Path) -> None:
    """A folder that isn't there yet stands for the one above it."""
    usage = psutil.disk_usage(str(tmp_path))
    for folder in (tmp_path, tmp_path / "not" / "yet"):
        disk = (await HostMeter(SystemClock(), folder).measure()).disk
        assert disk is not None
        assert disk.total == usage.total / 1e6
        assert disk.free == pytest.approx(usage.free / 1e6, rel=0.05)
        assert disk.percent == pytest.approx(usage.percent, abs=1)
    assert disk_of(Path("relative/to/here")).total > 0


async def test_a_file_system_that_hangs_holds_nothing_up(tmp_path: Path) -> None:
    """It is asked once, not again and again; and counts again when it answers."""
    answer, asked = threading.Event(), []

    def hanging(folder: Path) -> Disk:
        asked.append(folder)
        answer.wait(20)
        return Disk(10.0, 5.0, 50.0)

    meter = HostMeter(SystemClock(), tmp_path, hanging, patience=0.02)
    assert [(await meter.measure()).disk for _ in range(3)] == [None, None, None]
    assert len(asked) == 1
    answer.set()
    async with asyncio.timeout(10):
        while (await meter.measure()).disk != Disk(10.0, 5.0, 50.0):
            pass


async def test_a_file_system_that_fails_is_unknown(tmp_path: Path) -> None:
    """Also when it fails after nobody waits any more."""
    answer = threading.Event()
    failed: list[bool] = []

    def failing(_folder: Path) -> Disk:
        answer.wait(20)
        failed.append(True)
        raise OSError("on purpose")

    meter = HostMeter(SystemClock(), tmp_path, failing, patience=0.02)
    assert (await meter.measure()).disk is None
    answer.set()
    await until(lambda: bool(failed))
    assert (await meter.measure()).disk is None
    meter.close()

"""What is going on on the machine, whoever does it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import psutil

from channels import Clock

PATIENCE: Final = 1.0
"""Seconds that the file system has to say how full it is. One on a server that is gone may never answer."""


class Disk(NamedTuple):
    """A file system: sizes in MB (1,000,000 bytes), and how much of what the hub could have is in use, in %."""

    total: float
    free: float
    percent: float


class HostReading(NamedTuple):
    """The machine at a moment. Sizes in MB (1,000,000 bytes).

    Attributes:
        cpu: % of all processors since the previous reading; `None` at first, and when too little time has passed.
        load: mean number of programs that run or want to, over 1, 5 and 15 minutes; `None` where nobody counts them.
        memory_percent: what programs can't have without swapping, in %.
        disk: `None` when the file system doesn't answer.
        uptime: seconds since the machine was started.
    """

    cpu: float | None
    cpu_count: int
    load: tuple[float, float, float] | None
    memory_total: float
    memory_available: float
    memory_percent: float
    disk: Disk | None
    uptime: float


class HostMeter:
    """Measures the machine. Whoever looks on a rhythm of its own needs a meter of its own.

    Args:
        folder: the file system that it is in counts; when it isn't there yet, the nearest folder above it.
        disk: asks the file system how full it is; called in a thread.
        patience: seconds that it has to answer.
    """

    def __init__(
        self,
        clock: Clock,
        folder: Path,
        disk: Callable[[Path], Disk] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._clock = clock
        self._folder = folder
        self._ask_disk = disk or disk_of
        self._patience = patience
        self._asking: asyncio.Task[Disk] | None = None
        self._times = _busy_and_all()

    async def measure(self) -> HostReading:
        """Look now.

        Raises:
            psutil.Error, OSError: the machine doesn't say.
        """
        memory = psutil.virtual_memory()
        return HostReading(
            self._cpu(),
            psutil.cpu_count() or 1,
            _load(),
            memory.total / 1e6,
            memory.available / 1e6,
            memory.percent,
            await self._disk(),
            max(0.0, self._clock.now() - psutil.boot_time()),
        )

    def close(self) -> None:
        """Wait for no file system any more."""
        if self._asking is not None:
            self._asking.cancel()

    def _cpu(self) -> float | None:
        busy, everything = _busy_and_all()
        passed = everything - self._times[1]
        if passed < 0.1:  # the machine counts in hundredths of a second
            return None
        percent = 100 * (busy - self._times[0]) / passed
        self._times = busy, everything
        return min(100.0, max(0.0, percent))

    async def _disk(self) -> Disk | None:
        """Ask in a thread; while an earlier question hangs, no further one is asked."""
        if self._asking is None or self._asking.done():
            asking = asyncio.to_thread(self._ask_disk, self._folder)
            self._asking = asyncio.get_running_loop().create_task(asking, name="disk usage")
            self._asking.add_done_callback(_ended)
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.shield(self._asking)
        except (TimeoutError, OSError):
            return None


def disk_of(folder: Path) -> Disk:
    """Ask the file system that `folder` is in, or will be in.

    Raises:
        OSError: it doesn't say.
    """
    there = next((place for place in (folder, *folder.parents) if place.exists()), Path())
    usage = psutil.disk_usage(str(there))
    return Disk(usage.total / 1e6, usage.free / 1e6, usage.percent)


def _busy_and_all() -> tuple[float, float]:
    """Return processor seconds since the machine's start: those in use, and all."""
    times = psutil.cpu_times()
    # Time that guests had is in `user` and `nice` as well.
    everything = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return everything - times.idle - getattr(times, "iowait", 0.0), everything


def _ended(asking: asyncio.Task[Disk]) -> None:
    """Take note of how it ended, also when nobody waits for it any more: asyncio would complain otherwise."""
    if not asking.cancelled():
        asking.exception()


def _load() -> tuple[float, float, float] | None:
    try:
        return psutil.getloadavg()
    except (AttributeError, OSError):
        return None

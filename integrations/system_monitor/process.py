"""What this process takes of its machine."""

from __future__ import annotations

from typing import NamedTuple

import psutil

from channels import Clock


class ProcessReading(NamedTuple):
    """This process at a moment.

    Attributes:
        memory: resident memory in MB (1,000,000 bytes).
        cpu: processor time since the previous reading, in % of one core; at first since the process began.
        uptime: seconds since the process began.
    """

    memory: float
    cpu: float
    uptime: float


class ProcessMeter:
    """Measures this process. Whoever looks on a rhythm of its own needs a meter of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._process = psutil.Process()
        # `Process.cpu_percent()` would say 0.0 at first. That the process had no processor time when it began is true.
        self._seconds = 0.0
        self._at = clock.monotonic() - self._age()
        self._cpu = 0.0

    def _age(self) -> float:
        return max(0.0, self._clock.now() - self._process.create_time())

    def measure(self) -> ProcessReading:
        """Look now.

        Raises:
            psutil.Error, OSError: the machine doesn't say.
        """
        with self._process.oneshot():
            memory = self._process.memory_info().rss / 1_000_000
            times = self._process.cpu_times()
        now, seconds = self._clock.monotonic(), times.user + times.system
        if now > self._at:
            self._cpu = max(0.0, 100 * (seconds - self._seconds) / (now - self._at))
            self._at, self._seconds = now, seconds
        return ProcessReading(memory, self._cpu, self._age())

"""The hub's own numbers on `system_alerts`, at start and then on a timer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

import psutil
import structlog

from channels.messages import SystemStats
from channels.model import Channels
from channels.ports import Publisher

log = structlog.get_logger(__name__)


class ServiceNumbers(NamedTuple):
    """What the service knows of itself. Times in milliseconds."""

    total_requests: int
    successful_requests: int
    failed_requests: int
    avg_response_time: float
    active_connections: int


class SystemStatsProducer:
    """Measures this process and publishes `system_stats`. Each process of a hub does, under its own name.

    Args:
        publish: such as `hub.notify_channel`.
        numbers: asks the service for its own counts.
        interval: seconds between two publications.
        node: this process's name.

    Attributes:
        failures: publications that could not be measured or handed over.
    """

    def __init__(
        self, publish: Publisher, numbers: Callable[[], ServiceNumbers], interval: float, node: str | None = None
    ) -> None:
        self._publish = publish
        self._numbers = numbers
        self._interval = interval
        self._node = node
        self.failures = 0
        self._process = psutil.Process()
        self._process.cpu_percent()  # the first reading only sets the mark that the next one counts from

    def measure(self) -> SystemStats:
        """Return the eight numbers of this process as of now; `cpu_usage` is since the previous call."""
        numbers = self._numbers()
        with self._process.oneshot():
            memory = self._process.memory_info().rss / 1_000_000
            cpu = self._process.cpu_percent()
            uptime = time.time() - self._process.create_time()
        return SystemStats(
            **{**numbers._asdict(), "avg_response_time": round(numbers.avg_response_time, 3)},
            memory_usage=round(memory, 1),
            cpu_usage=cpu,
            uptime=round(uptime, 1),
            node=self._node,
        )

    async def run(self) -> None:
        """Publish now and after each interval, until cancelled. What fails is counted, and tried again next time."""
        while True:
            try:
                self._publish(Channels.SYSTEM_ALERTS, SystemStats.type, self.measure())
            except Exception:
                self.failures += 1
                if self.failures == 1:
                    log.exception("system stats failed")
            await asyncio.sleep(self._interval)

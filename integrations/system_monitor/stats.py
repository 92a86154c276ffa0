"""The hub's own numbers on `system_alerts`, at start and then on a timer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from channels import Channels, Clock, SystemClock
from channels.messages import SystemStats
from channels.ports import Publisher
from integrations.system_monitor.process import ProcessMeter
from integrations.system_monitor.telling import Telling
from integrations.system_monitor.ticker import Sleep, Ticker


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
    """

    def __init__(
        self,
        publish: Publisher,
        numbers: Callable[[], ServiceNumbers],
        interval: float,
        node: str | None = None,
        *,
        clock: Clock | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._publish = publish
        self._numbers = numbers
        self._node = node
        self._clock = clock or SystemClock()
        self._meter = ProcessMeter(self._clock)
        self._telling = Telling("system stats failed", self._tell, lambda: Ticker(interval, self._clock, sleep))

    @property
    def failures(self) -> int:
        """Publications that could not be measured or handed over."""
        return self._telling.failures

    def measure(self) -> SystemStats:
        """Return the eight numbers of this process as of now; `cpu_usage` is since the previous call, at first since
        the process began."""
        numbers = self._numbers()
        process = self._meter.measure()
        return SystemStats(
            **{**numbers._asdict(), "avg_response_time": round(numbers.avg_response_time, 3)},
            memory_usage=round(process.memory, 1),
            cpu_usage=round(process.cpu, 1),
            uptime=round(process.uptime, 1),
            node=self._node,
        )

    async def _tell(self) -> None:
        self._publish(Channels.SYSTEM_ALERTS, SystemStats.type, self.measure())

    async def run(self) -> None:
        """Publish now and after each interval, until cancelled. What fails is counted, and tried again next time."""
        await self._telling.run()

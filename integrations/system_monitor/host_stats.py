"""The machine's numbers on `system_alerts`, apart from the hub's own."""

from __future__ import annotations

import asyncio
from typing import Final

from channels import Channels, Clock, SystemClock
from channels.messages import HostStats
from channels.ports import Claims, Publisher
from integrations.system_monitor.host import HostMeter
from integrations.system_monitor.telling import Telling
from integrations.system_monitor.ticker import Sleep, Ticker

_TENURE: Final = 0.9
"""Share of the interval for which a process has its machine's numbers to itself: less than one, so that the same
process has them the next time, too."""


class HostStatsProducer:
    """Publishes `host_stats`: one process of a machine does, and another one when that is gone.

    Args:
        publish, interval, node: as of `stats.SystemStatsProducer`.
        host: the machine's name.
        claims: decide which process tells of the machine.
    """

    def __init__(
        self,
        publish: Publisher,
        meter: HostMeter,
        interval: float,
        node: str,
        host: str,
        claims: Claims,
        *,
        clock: Clock | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._publish = publish
        self._meter = meter
        self._interval = interval
        self._node = node
        self._host = host
        self._claims = claims
        ticking = clock or SystemClock()
        self._telling = Telling("host stats failed", self._tell, lambda: Ticker(interval, ticking, sleep))

    @property
    def failures(self) -> int:
        """Publications that could not be measured or handed over; also those for which it is not known whether another
        process makes them, because the processes can't reach each other."""
        return self._telling.failures

    async def measure(self) -> HostStats:
        """Return the machine's numbers as of now."""
        reading = await self._meter.measure()
        load, disk = reading.load, reading.disk
        return HostStats(
            host=self._host,
            cpu_percent=None if reading.cpu is None else round(reading.cpu, 1),
            cpu_count=reading.cpu_count,
            load_1m=round(load[0], 2) if load else None,
            load_5m=round(load[1], 2) if load else None,
            load_15m=round(load[2], 2) if load else None,
            memory_total=round(reading.memory_total, 1),
            memory_available=round(reading.memory_available, 1),
            memory_percent=reading.memory_percent,
            disk_total=round(disk.total, 1) if disk else None,
            disk_free=round(disk.free, 1) if disk else None,
            disk_percent=disk.percent if disk else None,
            uptime=round(reading.uptime, 1),
            node=self._node,
        )

    async def _tell(self) -> None:
        if await self._claims.claim(f"host-stats/{self._host}", _TENURE * self._interval):
            self._publish(Channels.SYSTEM_ALERTS, HostStats.type, await self.measure())

    async def run(self) -> None:
        """Publish now and after each interval, if no other process of this machine does, until cancelled."""
        await self._telling.run()

"""The system monitor on the hub."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric

from channels.push import Push
from hub.adapters.adapter import Surroundings
from hub.options import SystemStatsOptions
from integrations.system_monitor.stats import SystemStatsProducer


class Monitor:
    """Publishes the hub's own numbers."""

    name = "system_monitor"

    def __init__(self, options: SystemStatsOptions, hub: Surroundings) -> None:
        self.push = Push(hub.publish)
        self.stats = SystemStatsProducer(self.push, hub.numbers, options.interval, hub.node)
        self._interval = options.interval
        self._tasks = hub.tasks

    async def start(self) -> None:
        """Publish the numbers now, and then on the timer."""
        if self._interval:
            self._tasks.spawn(self.stats.run(), "system stats")

    async def stop(self) -> None:
        """Nothing to let go of: the task ends with the hub's."""

    def collect(self) -> Iterator[Metric]:
        """The numbers that it publishes are metrics of the hub itself."""
        yield from ()

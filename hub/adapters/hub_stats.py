"""The hub's own numbers for its operators, on a timer."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric

from channels.messages import HubStats
from channels.push import Push
from hub.adapters.adapter import Surroundings
from hub.sections.hub_stats import CHANNEL, HubStatsOptions
from integrations.system_monitor.telling import Telling
from integrations.system_monitor.ticker import Ticker


class HubStatsTeller:
    """Publishes `hub_stats` from this process."""

    name = "hub_stats"

    def __init__(self, options: HubStatsOptions, hub: Surroundings) -> None:
        self.push = Push(hub.publish)
        self._hub = hub
        self._telling = Telling("hub stats failed", self._tell, lambda: Ticker(options.interval, hub.clock))

    async def _tell(self) -> None:
        self.push(CHANNEL, HubStats.type, await self._hub.measure())

    async def start(self) -> None:
        """Publish now, and then on the timer."""
        self._hub.tasks.spawn(self._telling.run(), "hub stats")

    async def stop(self) -> None:
        """The task ends with the hub's."""

    def collect(self) -> Iterator[Metric]:
        """What it publishes are metrics of the hub already."""
        return iter(())

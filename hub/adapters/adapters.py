"""All adapters of a hub: made from the configuration, started and stopped together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from hub.adapters.adapter import Adapter, Surroundings
from hub.adapters.monitor import Monitor
from hub.options import Settings


@dataclass(frozen=True, slots=True)
class Adapters:
    """The adapters by their names; `None`: the configuration doesn't ask for it."""

    monitor: Monitor

    def __iter__(self) -> Iterator[Adapter]:
        """Go through those there are, in the order in which they start."""
        yield self.monitor

    async def start(self) -> None:
        """Begin."""
        for adapter in self:
            await adapter.start()

    async def stop(self) -> None:
        """End, in the opposite order."""
        for adapter in reversed(list(self)):
            await adapter.stop()


def make_adapters(settings: Settings, hub: Surroundings) -> Adapters:
    """Make those that the configuration asks for. None is started yet."""
    return Adapters(monitor=Monitor(settings.system_stats, hub))


class AdapterCollector(Collector):
    """Measures all adapters."""

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters

    def collect(self) -> Iterator[Metric]:
        pushes = CounterMetricFamily(
            "tocsin_pushes", "Events that adapters pushed, by outcome.", labels=["adapter", "outcome"]
        )
        for adapter in self._adapters:
            for outcome, number in sorted(adapter.push.outcomes.items()):
                pushes.add_metric([adapter.name, outcome], number)
        yield pushes
        for adapter in self._adapters:
            yield from adapter.collect()

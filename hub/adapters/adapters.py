"""All adapters of a hub: made from the configuration, started and stopped together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from hub.adapters.adapter import Adapter, Surroundings
from hub.adapters.analysis import Analysis
from hub.adapters.database import Database
from hub.adapters.error_firewall import Firewall, make_firewall
from hub.adapters.forges import Forges
from hub.adapters.hub_stats import HubStatsTeller
from hub.adapters.monitor import Monitor
from hub.adapters.notifiers import make_dispatcher
from hub.adapters.pool_vitals import PoolVitals
from hub.adapters.rag_trainer import RagTrainer
from hub.adapters.vector_search import VectorSearch
from hub.database.need import wants_database
from hub.database.watch import dsn_of
from hub.options import Settings

if TYPE_CHECKING:
    from hub.adapters.agents.agents import Agents


@dataclass(frozen=True, slots=True)
class Adapters:
    """The adapters by their names; `None`: the configuration doesn't ask for it."""

    monitor: Monitor
    vector_search: VectorSearch
    forges: Forges
    hub_stats: HubStatsTeller | None = None
    database: Database | None = None
    error_firewall: Firewall | None = None
    analysis: Analysis | None = None
    rag_trainer: RagTrainer | None = None
    agents: Agents | None = None

    def __iter__(self) -> Iterator[Adapter]:
        """Go through those there are, in the order in which they start."""
        yield self.monitor
        yield self.vector_search
        yield self.forges
        if self.hub_stats is not None:
            yield self.hub_stats
        if self.database is not None:
            yield self.database
        if self.error_firewall is not None:
            yield self.error_firewall
        if self.analysis is not None:
            yield self.analysis
        if self.rag_trainer is not None:
            yield self.rag_trainer
        if self.agents is not None:
            yield self.agents

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
    database = Database(settings.database, hub) if wants_database(settings) else None
    return Adapters(
        monitor=_monitor(settings, hub, database),
        vector_search=VectorSearch(settings.vector_search, hub),
        forges=Forges(settings.webhooks, hub),
        hub_stats=HubStatsTeller(settings.hub_stats, hub) if settings.hub_stats.interval else None,
        database=database,
        error_firewall=_firewall(settings, hub, database),
        analysis=Analysis(settings.analysis, hub) if settings.analysis.enabled else None,
        rag_trainer=RagTrainer(settings.rag_trainer, hub) if settings.rag_trainer.enabled else None,
        agents=_agents(settings, hub, database) if settings.agents.enabled else None,
    )


def _agents(settings: Settings, hub: Surroundings, database: Database | None) -> Agents:
    assert database is not None, "agents are among who needs a database"
    # SQLAlchemy and Alembic take a quarter of a second: only what is configured is loaded.
    made: Agents = import_module("hub.adapters.agents.agents").Agents(settings, hub, database.pools)
    return made


def _firewall(settings: Settings, hub: Surroundings, database: Database | None) -> Firewall | None:
    if database is None or not settings.error_firewall.enabled:
        return None
    options = settings.database
    return make_firewall(settings.error_firewall, hub, database.pool, dsn_of(options), options.connect_timeout)


def _monitor(settings: Settings, hub: Surroundings, database: Database | None) -> Monitor:
    pool = None if database is None else PoolVitals(database, hub.clock).read
    return Monitor(settings.system_stats, settings.alerts, hub, pool, make_dispatcher(settings.notifiers))


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

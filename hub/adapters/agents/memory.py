"""The agents' memory on the hub: made from the options, started and measured with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from uuid import UUID

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from agents.memory.measures import Measures
from agents.memory.memory import Memory
from agents.memory.options import MemoryOptions
from agents.memory.pgvector import PgVectorIndex
from agents.memory.vectors import Vectors
from agents.memory.worker import MemoryWorker
from agents.ports import Embedder, VectorIndex
from agents.store.database import Database
from agents.store.scope import Scope
from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from channels.push import Push
from hub.adapters.agents.embedding import embedder_loader
from hub.adapters.agents.memory_updates import ToldMemories
from hub.sections.agents import AgentsOptions
from hub.sections.agents_memory import VectorsSection
from integrations.memory_updates import MemoryUpdates


class AgentMemory:
    """Memory, and what works for it in the background.

    Attributes:
        memory: what runs and users have of it.
        measures: what this process counted.
    """

    def __init__(self, options: AgentsOptions, database: Database, push: Push, clock: Clock) -> None:
        bounds = memory_options(options)
        load = embedder_loader(options.embedding)
        self.measures = Measures()
        self._updates = MemoryUpdates(push, interval=options.memory.counts_interval, now=clock.monotonic)
        self._telling: asyncio.Task[None] | None = None
        self._vectors = None
        if load is not None:
            self._vectors = Vectors(load, partial(_open, options.vectors, database), self.measures, bounds.patience)
        self._worker = MemoryWorker(database, self._vectors, bounds, self.measures)
        told = ToldMemories(self._updates)
        self.memory = Memory(bounds, told, self._vectors, self._worker, clock)

    def start(self) -> None:
        """Begin to embed and to tell, once the tables are there."""
        self._worker.start()
        self._telling = asyncio.create_task(self._updates.run(), name="memory updates are counted")

    async def stop(self) -> None:
        """End, and say what is counted."""
        await self._worker.stop()
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
            self._telling = None
            self._updates.flush()

    async def prepare(self, scope: Scope, agent_id: UUID) -> None:
        """Make sure that the vectors of a new agent can be stored: what `agents.catalog.hooks` calls first.

        A model that is away, or still being loaded, doesn't matter here: what is remembered meanwhile waits for it.

        Raises:
            IndexUnavailable: they can't.
        """
        if self._vectors is not None and self._vectors.loaded:
            pair = await self._vectors.pair()
            await pair.index.count(scope.tenant(agent_id))

    async def forget(self, scope: Scope, agent_id: UUID) -> None:
        """Delete what an agent remembers, as `agents.catalog.hooks` has it. Vectors follow, also when they can't be
        reached now; what is written in between goes with the agent's row."""
        try:
            await self.memory.forget_agent(scope, agent_id, "the agent was deleted")
        except ReplyError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            self._worker.wake()

    def collect(self) -> Iterator[Metric]:
        """Measure: without a label that says whose anything is."""
        measures = self.measures
        searches = CounterMetricFamily(
            "tocsin_agent_memory_searches", "Searches of memories by meaning, by outcome.", labels=["outcome"]
        )
        for outcome, number in sorted(measures.searches.items()):
            searches.add_metric([outcome], number)
        yield searches
        yield HistogramMetricFamily(
            "tocsin_agent_memory_search_seconds",
            "Time that the vector index took for a search.",
            buckets=measures.search_seconds.cumulative(),
            sum_value=measures.search_seconds.sum,
        )
        embedded = CounterMetricFamily("tocsin_agent_memory_embedded", "Memories that got their vector.")
        embedded.add_metric([], measures.embedded)
        yield embedded
        failures = CounterMetricFamily(
            "tocsin_agent_memory_failures", "Batches that got no vectors, by what failed.", labels=["what"]
        )
        for what, number in sorted(measures.failures.items()):
            failures.add_metric([what], number)
        yield failures
        yield GaugeMetricFamily(
            "tocsin_agent_memory_vectors",
            "Memories that have a vector, of all users; every process says the same, a minute old at most.",
            measures.vectors,
        )
        yield GaugeMetricFamily(
            "tocsin_agent_memory_waiting", "Memories that wait for their vector; likewise.", measures.waiting
        )
        yield GaugeMetricFamily(
            "tocsin_agent_memory_removals",
            "Vectors of deleted memories that are still to be removed; likewise.",
            measures.removals,
        )


def memory_options(options: AgentsOptions) -> MemoryOptions:
    """Return the bounds that the options give."""
    memory, embedding = options.memory, options.embedding
    return MemoryOptions(
        limit=memory.limit,
        warning=memory.warning,
        pruned=memory.pruned,
        part_bytes=memory.part_bytes,
        parts=memory.parts,
        patience=memory.patience,
        batch=embedding.batch,
        lease=embedding.lease,
        retry=embedding.retry,
        retry_most=embedding.retry_most,
        upkeep=embedding.upkeep,
    )


def _open(options: VectorsSection, database: Database, embedder: Embedder) -> VectorIndex:
    """Open the index of a model's vectors, where the options have them."""
    if options.store == "pgvector":
        return PgVectorIndex(database, embedder.model, embedder.dimensions)
    # Qdrant's client takes a second to load: only what is configured is.
    made: VectorIndex = import_module("agents.memory.qdrant").connect(
        options.qdrant_url,
        options.qdrant_api_key.get_secret_value(),
        options.qdrant_timeout,
        options.qdrant_prefix,
        embedder.model,
        embedder.dimensions,
    )
    return made

"""What tests of agents' memory stand on: agents in the database, a model that needs no weights, and who is told."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from agents.memory.item import Item, Usage
from agents.memory.measures import Measures
from agents.memory.memory import Memory
from agents.memory.options import MemoryOptions
from agents.memory.pgvector import PgVectorIndex
from agents.memory.vectors import Vectors
from agents.memory.worker import MemoryWorker
from agents.models.words import words
from agents.ports import Embedder, EmbeddingFailed, VectorIndex
from agents.store.database import Database
from agents.store.scope import Scope
from agents.store.tables import user_agents


async def an_agent(scope: Scope, name: str = "helper") -> UUID:
    """An agent of a user."""
    id = uuid4()
    async with scope.begin() as work:
        await work.run(work.insert(user_agents, id=id, name=name))
    return id


class WordEmbedder:
    """Texts with the same words have the same vector: a model that is right about that and nothing else.

    Attributes:
        failing: why it makes no vectors; empty: it does.
        poison: it fails for a text with this word in it.
        embedded: texts that it was given, in order.
    """

    dimensions = 64

    def __init__(self, model: str = "words/1") -> None:
        self.model = model
        self.failing = ""
        self.poison = ""
        self.embedded: list[str] = []

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if self.failing or (self.poison and any(self.poison in text for text in texts)):
            raise EmbeddingFailed(self.failing or "the text isn't taken")
        self.embedded += texts
        return [self._vector(text) for text in texts]

    async def close(self) -> None:
        """Nothing is held."""

    def _vector(self, text: str) -> list[float]:
        vector = [0.0] * self.dimensions
        for word in words(text) or {""}:
            digest = hashlib.sha256(word.encode()).digest()
            vector[digest[0] % self.dimensions] += 1.0
        length = math.sqrt(sum(number * number for number in vector))
        return [number / length for number in vector]


@dataclass
class Told:
    """Keeps what is told of memories: (what, subject, ...)."""

    said: list[tuple[Any, ...]] = field(default_factory=list)

    def created(self, subject: str, item: Item, agent: UUID | None) -> None:
        self.said.append(("created", subject, item.id, agent))

    def changed(self, subject: str, item: Item, fields: Sequence[str], agent: UUID | None) -> None:
        self.said.append(("changed", subject, item.id, tuple(fields), agent))

    def deleted(self, subject: str, memory: UUID) -> None:
        self.said.append(("deleted", subject, memory))

    def pruned(self, subject: str, agent: UUID, memories: Sequence[UUID], reason: str) -> None:
        self.said.append(("pruned", subject, agent, tuple(memories), reason))

    def nearly_full(self, subject: str, agent: UUID, usage: Usage) -> None:
        self.said.append(("nearly_full", subject, agent, usage))


@dataclass
class MemoryWorld:
    """A memory with all that belongs to it, in one database. Nothing works in the background: `settle` does it."""

    memory: Memory
    worker: MemoryWorker
    vectors: Vectors
    told: Told
    measures: Measures
    embedder: Embedder

    async def settle(self) -> None:
        """Do all that is due."""
        await self.worker.keep_up()
        while await self.worker.work():
            pass


def a_memory(
    store: Database,
    embedder: Embedder | None = None,
    options: MemoryOptions | None = None,
    index: VectorIndex | None = None,
) -> MemoryWorld:
    """Put a memory together.

    Args:
        index: pgvector in the same database, unless one is given.
    """
    model: Embedder = embedder or WordEmbedder()
    options = options or MemoryOptions(retry=0.0, retry_most=0.0)

    async def load() -> Embedder:
        return model

    def open_index(loaded: Embedder) -> VectorIndex:
        return index or PgVectorIndex(store, loaded.model, loaded.dimensions)

    measures, told = Measures(), Told()
    vectors = Vectors(load, open_index, measures, options.patience)
    worker = MemoryWorker(store, vectors, options, measures)
    return MemoryWorld(Memory(options, told, vectors, worker), worker, vectors, told, measures, model)

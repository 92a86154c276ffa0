"""The embedding model and the vector index together: there when both are, and never waited for long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from agents.memory.measures import Measures
from agents.ports import Embedder, EmbeddingFailed, IndexUnavailable, Tenant, VectorHit, VectorIndex
from channels.errors import ReplyError


@dataclass(frozen=True, slots=True)
class Pair:
    """A model, and the index of its vectors."""

    embedder: Embedder
    index: VectorIndex


class Vectors:
    """Makes and finds vectors.

    Args:
        load: loads the model; may take seconds.
        open: opens the index of a model's vectors.
        patience: seconds that a search waits.
    """

    def __init__(
        self,
        load: Callable[[], Awaitable[Embedder]],
        open: Callable[[Embedder], VectorIndex],
        measures: Measures,
        patience: float,
    ) -> None:
        self._load = load
        self._open = open
        self._measures = measures
        self._patience = patience
        # Kept while the index can't be reached: loading takes seconds.
        self._embedder: Embedder | None = None
        self._pair: Pair | None = None
        self._loading = asyncio.Lock()

    @property
    def loaded(self) -> bool:
        """Whether the model is there: `pair` takes no longer than the index then."""
        return self._embedder is not None

    async def pair(self) -> Pair:
        """Return model and index, loaded and prepared; the next caller tries again what failed.

        Raises:
            EmbeddingFailed: the model can't be had.
            IndexUnavailable: the index can't be reached.
        """
        async with self._loading:
            if self._pair is None:
                embedder = self._embedder = self._embedder or await self._load()
                self._pair = Pair(embedder, await self._prepared(embedder))
            return self._pair

    async def _prepared(self, embedder: Embedder) -> VectorIndex:
        index = self._open(embedder)
        try:
            await index.prepare()
        except BaseException:
            await index.close()
            raise
        return index

    async def nearest(
        self, tenant: Tenant, query: str, limit: int, among: Sequence[UUID] | None = None
    ) -> list[VectorHit]:
        """Find what is nearest to a question; nothing when that can't be said now, which is counted.

        Args:
            among: ids that count; `None`: all of the tenant.
        """
        pair = self._pair
        if pair is None:
            self._measures.searches["not_ready"] += 1
            return []
        try:
            async with asyncio.timeout(self._patience):
                (vector,) = await pair.embedder.embed([query])
                began = time.perf_counter()
                hits = await pair.index.search(tenant, vector, limit, among)
        except TimeoutError:
            self._measures.searches["late"] += 1
        except EmbeddingFailed:
            self._measures.searches["no_embedding"] += 1
        except (IndexUnavailable, ReplyError):
            self._measures.searches["unavailable"] += 1
        else:
            self._measures.searches["ok"] += 1
            self._measures.search_seconds.observe(time.perf_counter() - began)
            return hits
        return []

    async def close(self) -> None:
        """Let go of both."""
        if self._pair is not None:
            await self._pair.index.close()
        if self._embedder is not None:
            await self._embedder.close()
        self._pair = self._embedder = None

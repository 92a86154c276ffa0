"""Finds memories by words and by meaning, fuses both rankings, and ranks what is found once more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from agents.memory.fusion import fuse
from agents.memory.item import Filter, Item
from agents.memory.item_rows import COLUMNS, item_of
from agents.memory.keeping import own_agent
from agents.memory.keyword import conditions, find_by_words
from agents.memory.ranking import WEIGHTS, Ranking, Weights
from agents.memory.vectors import Vectors
from agents.ports import VectorHit
from agents.store.scope import Scope
from agents.store.tables import memories
from channels.clock import Clock

CANDIDATES: Final = 50
"""Memories of each ranking that are fused, at least."""
QUERY_MAX: Final = 4_000
"""Characters of a question that count."""


@dataclass(frozen=True, slots=True)
class Found:
    """A memory that was found, and the parts of its score (`agents.memory.ranking`); with `cosine` and `words`, what
    the two searches said of it, where they found it."""

    item: Item
    score: float
    parts: Mapping[str, float]


def fused_of(by_words: Sequence[tuple[UUID, float]], by_meaning: Sequence[VectorHit]) -> dict[UUID, float]:
    """Fuse what both searches found. By words, a memory counts by the square of what it has of the question: one that
    has half of it for a quarter, so that a single common word doesn't outweigh the meaning."""
    rankings = [[(id, score * score) for id, score in by_words], [(hit.memory_id, 1.0) for hit in by_meaning]]
    return fuse([ranking for ranking in rankings if ranking])


class Search:
    """Searches.

    Args:
        vectors: `None`: by words alone.
        weights: of the last ranking; `None`: without it.
    """

    def __init__(self, vectors: Vectors | None, clock: Clock, weights: Weights | None = WEIGHTS) -> None:
        self._vectors = vectors
        self._clock = clock
        self._weights = weights

    async def find(self, scope: Scope, agent: UUID, query: str, filter: Filter, limit: int) -> list[Found]:
        """Return what fits best, best first. Without vectors (they are late, or away) words alone decide.

        Raises:
            ReplyError: `not_found`: no such agent; `unavailable`: the database.
        """
        query = query[:QUERY_MAX].strip()
        most = max(CANDIDATES, limit)
        meant = asyncio.create_task(self._by_meaning(scope, agent, query, filter, most))
        try:
            async with scope.begin() as work:
                await own_agent(work, agent)
                by_words = await find_by_words(work, agent, query, filter, most)
            by_meaning = await meant
        finally:
            meant.cancel()
        fused = fused_of(by_words, by_meaning)
        items = await self._load(scope, agent, list(fused), filter)
        signs = {
            "words": dict(by_words),
            "cosine": {hit.memory_id: hit.score for hit in by_meaning},
        }
        found = [
            self._found(Ranking(query, self._now(), self._weights or WEIGHTS), item, fused, signs) for item in items
        ]
        found.sort(key=lambda one: (-one.score, one.item.id))
        return found[:limit]

    def _found(
        self, ranking: Ranking, item: Item, fused: Mapping[UUID, float], signs: Mapping[str, Mapping[UUID, float]]
    ) -> Found:
        parts = ranking.parts(item, fused[item.id]) if self._weights else {"fused": fused[item.id]}
        score = sum(parts.values())
        return Found(item, score, {**parts, **{name: of[item.id] for name, of in signs.items() if item.id in of}})

    async def _by_meaning(self, scope: Scope, agent: UUID, query: str, filter: Filter, most: int) -> list[VectorHit]:
        if self._vectors is None or not query:
            return []
        among: list[UUID] | None = None
        if filter:
            async with scope.begin() as work:
                own = work.select(memories, memories.c.id).where(memories.c.agent_id == agent, *conditions(filter))
                among = [row["id"] for row in await work.all(own)]
        return await self._vectors.nearest(scope.tenant(agent), query, most, among)

    async def _load(self, scope: Scope, agent: UUID, ids: list[UUID], filter: Filter) -> list[Item]:
        if not ids:
            return []
        async with scope.begin() as work:
            own = work.select(memories, *COLUMNS).where(memories.c.agent_id == agent, memories.c.id.in_(ids))
            return [item_of(row) for row in await work.all(own.where(*conditions(filter)))]

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)

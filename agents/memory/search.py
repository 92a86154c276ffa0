"""Finds memories by words and by meaning, fuses both rankings, and ranks what is found once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, bindparam, cast, func, select, true

from agents.memory.fusion import fuse
from agents.memory.item import Filter, Item
from agents.memory.item_rows import COLUMNS, item_of
from agents.memory.keeping import own_agent
from agents.memory.keyword import conditions, words_table
from agents.memory.ranking import WEIGHTS, Ranking, Weights
from agents.memory.vectors import Vectors
from agents.ports import VectorHit
from agents.store.scope import Scope, Work
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
        # First, so that no connection is held while a model works.
        by_meaning = await self._by_meaning(scope, agent, query, filter, most)
        async with scope.begin() as work:
            rows = await work.all(_statement(work, agent, query, filter, most, by_meaning))
            if not rows:
                await own_agent(work, agent)
        placed = sorted((row for row in rows if row["place"] is not None), key=lambda row: int(row["place"]))
        by_words = [(row["id"], row["score"]) for row in placed]
        fused = fused_of(by_words, by_meaning)
        items = [item_of(row) for row in rows]
        signs = {
            "words": dict(by_words),
            "cosine": {hit.memory_id: hit.score for hit in by_meaning},
        }
        ranking = Ranking(query, self._now(), self._weights or WEIGHTS)
        found = [self._found(ranking, item, fused, signs) for item in items]
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

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)


def _statement(
    work: Work, agent: UUID, query: str, filter: Filter, most: int, by_meaning: Sequence[VectorHit]
) -> Select[Any]:
    """Find by words, and read what was found either way: one round trip."""
    ids = cast(bindparam("meant", [hit.memory_id for hit in by_meaning], type_=ARRAY(Uuid)), ARRAY(Uuid))
    meant = func.unnest(ids).table_valued("id", name="meant").render_derived()
    worded = words_table(agent, query, filter, most)
    wanted = (
        select(func.coalesce(worded.c.memory_id, meant.c.id).label("wanted"), worded.c.score, worded.c.place)
        .select_from(worded.join(meant, meant.c.id == worded.c.memory_id, full=True))
        .cte("wanted")
        .prefix_with("MATERIALIZED")  # by `coalesce` itself, Row-Level Security lets no index be used
    )
    # Each by its id: the planner takes an agent for one that has few memories, and would read all of them for each.
    of_agent = memories.c.agent_id.is_not_distinct_from(agent)
    own = work.select(memories, *COLUMNS).where(memories.c.id == wanted.c.wanted, of_agent, *conditions(filter))
    item = own.limit(1).lateral("item")
    return select(wanted.c.score, wanted.c.place, *item.c).select_from(wanted.join(item, true()))

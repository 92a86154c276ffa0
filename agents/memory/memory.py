"""What agents remember: found by meaning and by words, seen and changed by its user."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, tuple_

from agents.memory.cutting import cut
from agents.memory.episode import Episode
from agents.memory.item import EPISODE, FACT, USUAL, Filter, Item, Recalled, Usage
from agents.memory.item_rows import COLUMNS, item_of
from agents.memory.keeping import Draft, Keeper, no_memory, own_agent
from agents.memory.keyword import conditions
from agents.memory.options import MemoryOptions
from agents.memory.search import Found, Search
from agents.memory.telling import Silence, Telling
from agents.memory.vectors import Vectors
from agents.memory.worker import MemoryWorker
from agents.store.scope import Scope
from agents.store.tables import memories
from channels.clock import Clock, SystemClock

EXPORTED: Final = 500
"""Memories that an export reads at once."""

Items = list[Item]
Ranked = list[Found]
Hits = list[Recalled]
"""For annotations: within the class `list` is its method."""

_EVERYTHING: Final = Filter()


class Memory:
    """The memory of all agents. Every method may raise `ReplyError`: `unavailable`, when the database is away.

    Args:
        vectors: makes and finds vectors; `None`: memories are found by words alone.
        worker: is woken when there is something to embed or to remove.
    """

    def __init__(
        self,
        options: MemoryOptions | None = None,
        telling: Telling | None = None,
        vectors: Vectors | None = None,
        worker: MemoryWorker | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._options = options or MemoryOptions()
        self._keeper = Keeper(self._options, telling or Silence(), embeds=vectors is not None)
        self._search = Search(vectors, clock or SystemClock())
        self._worker = worker

    # What runs of agents do.

    async def recall(self, scope: Scope, agent_id: UUID, query: str, limit: int) -> Hits:
        """Return the memories of an agent that fit a question best, best first.

        Raises:
            ReplyError: `not_found`: no such agent.
        """
        if limit < 1:
            return []
        return [_recalled(one) for one in await self.search(scope, agent_id, query, limit=limit)]

    async def remember(self, scope: Scope, agent_id: UUID, episode: Episode) -> UUID | None:
        """Keep an exchange, without what was recalled for it. What was kept before only becomes new again.

        Returns:
            The memory's id, of the first part when it is a long one; `None` when nothing was said.

        Raises:
            ReplyError: `not_found`: no such agent; `conflict`: its memory is full, and all of it is pinned.
        """
        parts = cut(episode.told(), self._options.part_bytes, self._options.parts)
        if not parts:
            return None
        drafts = [
            Draft(EPISODE, part, episode.source | _number(index, len(parts)), USUAL, episode.success)
            for index, part in enumerate(parts, start=1)
        ]
        kept = await self._keeper.keep(scope, agent_id, drafts, by=agent_id)
        self._wake()
        return kept[0].id

    # What users do.

    async def add(
        self,
        scope: Scope,
        agent_id: UUID,
        text: str,
        kind: str = FACT,
        *,
        importance: float = USUAL,
        pinned: bool = False,
    ) -> Item:
        """Have an agent remember something.

        Raises:
            ReplyError: `not_found`, `conflict` as `remember`; `invalid_data`: the text is too long.
        """
        draft = Draft(kind, text.strip(), {}, importance, pinned=pinned)
        (item,) = await self._keeper.keep(scope, agent_id, [draft], by=None)
        self._wake()
        return item

    async def list(
        self,
        scope: Scope,
        agent_id: UUID,
        filter: Filter = _EVERYTHING,
        limit: int = 50,
        before: tuple[datetime, UUID] | None = None,
    ) -> Items:
        """Return an agent's memories, newest first.

        Args:
            before: `created_at` and `id` of the last one of the page before.

        Raises:
            ReplyError: `not_found`: no such agent.
        """
        newest = (memories.c.created_at.desc(), memories.c.id.desc())
        async with scope.begin() as work:
            await own_agent(work, agent_id)
            own = work.select(memories, *COLUMNS).where(memories.c.agent_id == agent_id, *conditions(filter))
            if before is not None:
                own = own.where(tuple_(memories.c.created_at, memories.c.id) < tuple_(*before))
            return [item_of(row) for row in await work.all(own.order_by(*newest).limit(limit))]

    async def search(
        self, scope: Scope, agent_id: UUID, query: str, filter: Filter = _EVERYTHING, limit: int = 50
    ) -> Ranked:
        """Return an agent's memories that fit a question best, best first.

        Raises:
            ReplyError: `not_found`: no such agent.
        """
        return await self._search.find(scope, agent_id, query, filter, limit)

    async def get(self, scope: Scope, memory_id: UUID) -> Item:
        """Return a memory.

        Raises:
            ReplyError: `not_found`.
        """
        async with scope.begin() as work:
            row = await work.one(work.select(memories, *COLUMNS).where(memories.c.id == memory_id))
        if row is None:
            raise no_memory(memory_id)
        return item_of(row)

    async def change(self, scope: Scope, memory_id: UUID, changes: Mapping[str, Any]) -> Item:
        """Change `text`, `pinned` or `importance` of a memory. Another text is embedded anew; until that is done the
        old vector finds it.

        Raises:
            ReplyError: `not_found`; `invalid_data`: the text is too long.
        """
        assert set(changes) <= {"text", "pinned", "importance"}
        item = await self._keeper.change(scope, memory_id, changes)
        self._wake()
        return item

    async def delete(self, scope: Scope, memory_id: UUID) -> None:
        """Delete a memory, and soon its vector.

        Raises:
            ReplyError: `not_found`.
        """
        await self._keeper.delete(scope, memory_id)
        self._wake()

    async def forget_agent(self, scope: Scope, agent_id: UUID, reason: str = "all of the agent was deleted") -> int:
        """Delete everything that an agent remembers, and soon its vectors; return how many memories there were. For the
        user's wish, and before an agent is deleted.

        Raises:
            ReplyError: `not_found`: no such agent.
        """
        gone = await self._keeper.clear(scope, agent_id, reason)
        self._wake()
        return gone

    async def usage(self, scope: Scope, agent_id: UUID) -> Usage:
        """Say how full an agent's memory is.

        Raises:
            ReplyError: `not_found`: no such agent.
        """
        async with scope.begin() as work:
            await own_agent(work, agent_id)
            own = memories.c.agent_id == agent_id
            count = await work.scalar(work.select(memories, func.count()).where(own))
            free = await work.scalar(work.select(memories, memories.c.id).where(own, ~memories.c.pinned).limit(1))
        return self._keeper.usage(count, free is not None)

    async def export(self, scope: Scope) -> AsyncGenerator[Item, None]:
        """Go through all memories of a user: of one agent after the other, the oldest first. What is written meanwhile
        may be left out."""
        # The index by which an agent's memories are listed begins so: each page is read where the last one ended.
        order = (memories.c.agent_id, memories.c.created_at, memories.c.id)
        after: tuple[UUID, datetime, UUID] | None = None
        while True:
            async with scope.begin() as work:
                own = work.select(memories, *COLUMNS).order_by(*order).limit(EXPORTED)
                page = await work.all(own if after is None else own.where(tuple_(*order) > tuple_(*after)))
            for row in page:
                yield item_of(row)
            if len(page) < EXPORTED:
                return
            last = page[-1]
            after = last["agent_id"], last["created_at"], last["id"]

    def _wake(self) -> None:
        if self._worker is not None:
            self._worker.wake()


def _number(part: int, parts: int) -> dict[str, object]:
    return {"part": part, "parts": parts} if parts > 1 else {}


def _recalled(found: Found) -> Recalled:
    item = found.item
    return Recalled(item.id, item.text, item.kind, found.score, item.source, item.created_at, found.parts)

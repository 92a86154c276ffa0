"""Writes memories, within their limit. Each method is one transaction; who is to be told is told after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func

from agents.memory.identity import memory_id, normal
from agents.memory.item import Item, Usage
from agents.memory.item_rows import COLUMNS, item_of
from agents.memory.keyword import words_value
from agents.memory.options import MemoryOptions
from agents.memory.telling import Telling
from agents.memory.terms import kept_terms
from agents.store.scope import Scope, Work
from agents.store.tables import memories, user_agents
from channels.errors import ErrorCode, ReplyError

OVER_THE_LIMIT: Final = "over the limit of {limit}"
_AGAIN: Final = ("updated_at",)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be remembered."""

    kind: str
    text: str
    source: Mapping[str, Any]
    importance: float
    success: bool | None = None
    pinned: bool = False


@dataclass(slots=True)
class _Written:
    made: list[Item]
    again: list[Item]
    pruned: list[UUID]
    before: int = 0


class Keeper:
    """Writes.

    Args:
        embeds: whether a model will make vectors of what is written.
    """

    def __init__(self, options: MemoryOptions, telling: Telling, *, embeds: bool) -> None:
        self._options = options
        self._telling = telling
        self._embeds = embeds

    async def keep(self, scope: Scope, agent: UUID, drafts: Sequence[Draft], by: UUID | None) -> list[Item]:
        """Write drafts of an agent; what is there already only becomes new again. All or nothing.

        Args:
            by: the agent that does it, `None`: its user.

        Raises:
            ReplyError: `not_found`: no such agent; `conflict`: the memory is full of what is pinned; `unavailable`.
        """
        async with scope.begin() as work:
            # One writer at a time for each agent, or two could both find room for the last one.
            await own_agent(work, agent, lock=True)
            written = await self._write(work, agent, drafts)
        self._tell(scope, agent, written, by)
        return written.made + written.again

    async def change(self, scope: Scope, memory: UUID, values: Mapping[str, Any]) -> Item:
        """Change fields of a memory; another `text` is embedded anew.

        Raises:
            ReplyError: `not_found`, `invalid_data` (the text is too long), `unavailable`.
        """
        async with scope.begin() as work:
            old = await work.one(work.select(memories, *COLUMNS).where(memories.c.id == memory).with_for_update())
            if old is None:
                raise no_memory(memory)
            changes = {name: value for name, value in values.items() if old[name] != value}
            if not changes:
                return item_of(old)
            more = self._of_text(old["agent_id"], changes["text"]) if "text" in changes else {}
            statement = work.update(memories).where(memories.c.id == memory).returning(*COLUMNS)
            row = await work.one(statement.values(**changes, **more, updated_at=func.now()))
            assert row is not None
        item = item_of(row)
        self._telling.changed(scope.subject, item, sorted(changes), None)
        return item

    async def delete(self, scope: Scope, memory: UUID) -> None:
        """Delete a memory.

        Raises:
            ReplyError: `not_found`, `unavailable`.
        """
        async with scope.begin() as work:
            gone = await work.run(work.delete(memories).where(memories.c.id == memory))
        if not gone.rowcount:
            raise no_memory(memory)
        self._telling.deleted(scope.subject, memory)

    async def clear(self, scope: Scope, agent: UUID, reason: str) -> int:
        """Delete everything of an agent; return how many memories there were.

        Raises:
            ReplyError: `not_found`, `unavailable`.
        """
        async with scope.begin() as work:
            await own_agent(work, agent, lock=True)
            gone = await work.all(work.delete(memories).where(memories.c.agent_id == agent).returning(memories.c.id))
        if gone:
            self._telling.pruned(scope.subject, agent, [row["id"] for row in gone], reason)
        return len(gone)

    def usage(self, count: int, free: bool) -> Usage:
        """Say how full an agent's memory is; `free`: something in it may go."""
        limit = self._options.limit
        return Usage(count, limit, count >= self._options.warning * limit, count >= limit and not free)

    async def _write(self, work: Work, agent: UUID, drafts: Sequence[Draft]) -> _Written:
        fresh: dict[UUID, Draft] = {}
        again: dict[UUID, Draft] = {}
        for draft in drafts:
            id, there = await _place(work, agent, draft)
            (again if there else fresh)[id] = draft
        count = await work.scalar(work.select(memories, func.count()).where(memories.c.agent_id == agent))
        pruned = await self._make_room(work, agent, count + len(fresh)) if fresh else []
        made = [await self._insert(work, agent, id, draft) for id, draft in fresh.items()]
        kept = [item for id, draft in again.items() if (item := await _renew(work, id, draft))]
        return _Written(made, kept, pruned, count)

    async def _make_room(self, work: Work, agent: UUID, wanted: int) -> list[UUID]:
        """Delete the oldest that may go, when there would be more than the limit."""
        limit = self._options.limit
        if wanted <= limit:
            return []
        oldest = (
            work.select(memories, memories.c.id)
            .where(memories.c.agent_id == agent, ~memories.c.pinned)
            .order_by(memories.c.updated_at, memories.c.id)
            .limit(max(wanted - limit, int(self._options.pruned * limit)))
        )
        gone = await work.all(work.delete(memories).where(memories.c.id.in_(oldest)).returning(memories.c.id))
        if wanted - len(gone) > limit:
            raise ReplyError(
                ErrorCode.CONFLICT,
                f"the agent remembers as much as it may ({limit}), and nothing of it may go: unpin or delete some",
                limit=limit,
            )
        return [row["id"] for row in gone]

    async def _insert(self, work: Work, agent: UUID, id: UUID, draft: Draft) -> Item:
        statement = work.insert(
            memories,
            id=id,
            agent_id=agent,
            kind=draft.kind,
            source=dict(draft.source),
            importance=draft.importance,
            pinned=draft.pinned,
            success=draft.success,
            **self._of_text(agent, draft.text),
            text=draft.text,
        )
        row = await work.one(statement.returning(*COLUMNS))
        assert row is not None
        return item_of(row)

    def _of_text(self, agent: UUID, text: str) -> dict[str, Any]:
        """What follows from a memory's text."""
        if len(text.encode()) > self._options.part_bytes:
            raise ReplyError(
                ErrorCode.INVALID_DATA,
                f"text: expected at most {self._options.part_bytes} bytes (UTF-8), got {len(text.encode())}; "
                "make it several memories",
            )
        state = "pending" if self._embeds else "none"
        next_at = func.now() if self._embeds else None
        terms = kept_terms(text)
        return {
            "words": words_value(agent, terms),
            "word_count": len(terms),
            "embedding_state": state,
            "embedding_next_at": next_at,
            "embedding_attempts": 0,
        }

    def _tell(self, scope: Scope, agent: UUID, written: _Written, by: UUID | None) -> None:
        subject = scope.subject
        if written.pruned:
            reason = OVER_THE_LIMIT.format(limit=self._options.limit)
            self._telling.pruned(subject, agent, written.pruned, reason)
        for item in written.made:
            self._telling.created(subject, item, by)
        for item in written.again:
            self._telling.changed(subject, item, _AGAIN, by)
        before, now = self.usage(written.before, True), self.usage(written.before + len(written.made), True)
        if now.warning and not before.warning:
            self._telling.nearly_full(subject, agent, now)


async def own_agent(work: Work, agent: UUID, *, lock: bool = False) -> None:
    """Make sure that an agent is the user's.

    Raises:
        ReplyError: `not_found`.
    """
    statement = work.select(user_agents, user_agents.c.id).where(user_agents.c.id == agent)
    if await work.scalar(statement.with_for_update(key_share=True) if lock else statement) is None:
        raise ReplyError(ErrorCode.NOT_FOUND, f"no agent has the id {agent}")


def no_memory(memory: UUID) -> ReplyError:
    """Refuse what isn't there, or is somebody else's."""
    return ReplyError(ErrorCode.NOT_FOUND, f"no memory has the id {memory}")


async def _place(work: Work, agent: UUID, draft: Draft) -> tuple[UUID, bool]:
    """Find a draft's id, and whether it is there already. An id whose memory has another text by now is passed over."""
    turn = 0
    while True:
        id = memory_id(agent, draft.kind, draft.text, turn)
        text = await work.scalar(work.select(memories, memories.c.text).where(memories.c.id == id))
        if text is None or normal(text) == normal(draft.text):
            return id, text is not None
        turn += 1


async def _renew(work: Work, id: UUID, draft: Draft) -> Item | None:
    changes = {"success": draft.success} if draft.success is not None else {}
    statement = work.update(memories).where(memories.c.id == id)
    row = await work.one(statement.values(updated_at=func.now(), **changes).returning(*COLUMNS))
    return item_of(row) if row is not None else None

"""What the caller's agents remember, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import orjson
from aiohttp import web
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field

from agents.memory.item import SCORE, EmbeddingState, Filter, Item
from channels.errors import ErrorCode, ReplyError
from hub.descriptions import Described, Id, Timestamp
from hub.http.api.bodies import Body
from hub.http.api.endpoint import Call, Endpoint, Hub, Who
from hub.http.api.my.member import Page, PageQuery, cursor_at, id_of, member, position_of, stamp

NDJSON: Final = "application/x-ndjson"
TEXT_MAX: Final = 16_000
"""Characters of a body's text; its bytes are bounded by the option agents.memory.part_bytes."""
_WRITTEN: Final = 1 << 16
"""Bytes that are written at once."""
_YEARS: Final = (1970, 9000)
"""Of times: beyond them a time can't be turned into that of every zone."""


def _storable(time: datetime) -> datetime:
    if not _YEARS[0] <= time.year <= _YEARS[1]:
        raise ValueError(f"expected a time between the years {_YEARS[0]} and {_YEARS[1]}")
    return time


Time = Annotated[AwareDatetime, AfterValidator(_storable)]

Text = Annotated[
    str,
    Field(
        min_length=1,
        max_length=TEXT_MAX,
        pattern=r"\S",
        description="what is remembered; at most agents.memory.part_bytes bytes (UTF-8)",
    ),
]
Importance = Annotated[float, Field(ge=0, le=1, description="how much it counts in searches, from 0 to 1")]
Pinned = Annotated[bool, Field(description="never pruned, and a little further in front in searches")]


class AddMemoryBody(Body):
    """Something to remember."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Releases are cut on Thursdays."}]})

    text: Text
    kind: Literal["fact", "preference", "note"] = "fact"
    importance: Importance = 0.5
    pinned: Pinned = False


class ChangeMemoryBody(Body):
    """What to change of a memory."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"pinned": True}]})

    text: Text | None = None
    pinned: Pinned | None = None
    importance: Importance | None = None


class MemoriesQuery(PageQuery):
    """Which memories."""

    q: Annotated[str, Field(max_length=4_000)] | None = Field(
        None, description="what they are searched for, by meaning and by words: best first, on one page"
    )
    kind: Annotated[str, Field(max_length=64)] | None = Field(
        None, description="episode (an exchange), fact, preference or note"
    )
    since: Time | None = Field(None, description="made at this time or later")
    until: Time | None = Field(None, description="made at this time or earlier")
    pinned: bool | None = Field(None, description="only pinned ones, or only others")
    success: bool | None = Field(None, description="only of what went well, or of what didn't")

    def filter(self) -> Filter:
        """Return which memories are asked for."""
        return Filter(self.kind, self.since, self.until, self.pinned, self.success)


class MemoryState(Described):
    """A memory."""

    id: Id
    agent_id: Id
    kind: str = Field(description="episode: an exchange with the agent; fact, preference, note: added by the user")
    text: str = Field(description="of an exchange: what the user said, and behind → what the agent answered of its own")
    source: Mapping[str, Any] = Field(
        description="where it comes from: session_id, message_ids, task_id; part and parts of a long exchange"
    )
    importance: float
    pinned: bool
    success: bool | None = Field(description="whether what it tells of went well; null: not known")
    embedding: EmbeddingState = Field(
        description="stored: found by meaning too; pending: soon; none: the hub has no embedding model"
    )
    created_at: Timestamp
    updated_at: Timestamp
    score: float | None = Field(None, description=f"of a search: {SCORE}")
    score_parts: Mapping[str, float] | None = Field(
        None,
        description="of a search: what the score is the sum of (fused, overlap, importance, pinned, recency), and what "
        "the two searches said (cosine, words)",
    )

    @classmethod
    def of(cls, item: Item, score: float | None = None, parts: Mapping[str, float] | None = None) -> MemoryState:
        """Show a memory to its owner."""
        return cls(
            id=str(item.id),
            agent_id=str(item.agent_id),
            kind=item.kind,
            text=item.text,
            source=item.source,
            importance=item.importance,
            pinned=item.pinned,
            success=item.success,
            embedding=item.embedding,
            created_at=stamp(item.created_at),
            updated_at=stamp(item.updated_at),
            score=score,
            score_parts=parts,
        )


class MemoryPage(Page[MemoryState]):
    """Memories, the newest first; of a search, the best first, on one page."""


class MemoryUsage(Described):
    """How full an agent's memory is."""

    count: int = Field(ge=0)
    limit: int = Field(ge=1, description="agents.memory.limit")
    warning: bool = Field(description="it is so full that the oldest memories go soon")
    full: bool = Field(description="nothing more is remembered, because all of it is pinned")


class Cleared(Described):
    """What was deleted."""

    deleted: int = Field(ge=0)


async def list_memories(hub: Hub, call: Call[None, MemoriesQuery]) -> MemoryPage:
    """List what an agent remembers, or search in it."""
    parts, scope = await member(hub, call)
    memory, agent, query = parts.memory.memory, id_of(call, "agent_id", "agent"), call.query
    before = position_of(query.cursor)
    if query.q is not None and query.q.strip():
        if before is not None:
            raise ReplyError(ErrorCode.INVALID_DATA, "cursor: a search has one page; ask for more by limit")
        found = await memory.search(scope, agent, query.q, query.filter(), query.limit)
        return MemoryPage(items=[MemoryState.of(one.item, one.score, one.parts) for one in found], next=None)
    items = await memory.list(scope, agent, query.filter(), query.limit + 1, before)
    shown = items[: query.limit]
    more = cursor_at(shown[-1].created_at, shown[-1].id) if len(items) > query.limit else None
    return MemoryPage(items=list(map(MemoryState.of, shown)), next=more)


async def add_memory(hub: Hub, call: Call[AddMemoryBody, None]) -> MemoryState:
    """Have an agent remember something. The same again is one memory, which becomes new."""
    parts, scope = await member(hub, call)
    body = call.body
    agent = id_of(call, "agent_id", "agent")
    item = await parts.memory.memory.add(
        scope, agent, body.text, body.kind, importance=body.importance, pinned=body.pinned
    )
    return MemoryState.of(item)


async def clear_memories(hub: Hub, call: Call[None, None]) -> Cleared:
    """Delete everything that an agent remembers, pinned or not. Its vectors follow within seconds."""
    parts, scope = await member(hub, call)
    agent = id_of(call, "agent_id", "agent")
    return Cleared(deleted=await parts.memory.memory.forget_agent(scope, agent, "the user deleted all"))


async def get_usage(hub: Hub, call: Call[None, None]) -> MemoryUsage:
    """Tell how full an agent's memory is."""
    parts, scope = await member(hub, call)
    usage = await parts.memory.memory.usage(scope, id_of(call, "agent_id", "agent"))
    return MemoryUsage(count=usage.count, limit=usage.limit, warning=usage.warning, full=usage.full)


async def get_memory(hub: Hub, call: Call[None, None]) -> MemoryState:
    """Return a memory."""
    parts, scope = await member(hub, call)
    return MemoryState.of(await parts.memory.memory.get(scope, id_of(call, "memory_id", "memory")))


async def change_memory(hub: Hub, call: Call[ChangeMemoryBody, None]) -> MemoryState:
    """Correct, pin or weigh a memory. Another text gets another vector, within seconds."""
    parts, scope = await member(hub, call)
    changes = call.body.model_dump(exclude_none=True)
    return MemoryState.of(await parts.memory.memory.change(scope, id_of(call, "memory_id", "memory"), changes))


async def delete_memory(hub: Hub, call: Call[None, None]) -> None:
    """Delete a memory. Its vector follows within seconds."""
    parts, scope = await member(hub, call)
    await parts.memory.memory.delete(scope, id_of(call, "memory_id", "memory"))


async def export_memories(hub: Hub, call: Call[None, None]) -> web.StreamResponse:
    """Return everything that one's agents remember, one memory on each line. An answer that ends early is broken off,
    so it can't be taken for a whole one."""
    parts, scope = await member(hub, call)
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="memories.ndjson"'}
    response = web.StreamResponse(headers={**headers, "Content-Type": NDJSON})
    lines = bytearray()
    async for item in parts.memory.memory.export(scope):
        lines += orjson.dumps(MemoryState.of(item).model_dump(exclude_none=True)) + b"\n"
        if len(lines) > _WRITTEN:
            if not response.prepared:
                await response.prepare(call.request)
            await response.write(bytes(lines))
            lines.clear()
    if not response.prepared:
        await response.prepare(call.request)
    await response.write(bytes(lines))
    await response.write_eof()
    return response


_TAG: Final = "memory"
_OF_AGENT: Final = "/my/agents/{agent_id}/memories/"
_ONE: Final = "/my/memories/{memory_id}"

ROWS: Final[tuple[Endpoint[Any, Any], ...]] = (
    Endpoint(
        "GET",
        _OF_AGENT,
        "List or search what an agent remembers",
        list_memories,
        Who.MEMBER,
        _TAG,
        answer=MemoryPage,
        query=MemoriesQuery,
    ),
    Endpoint(
        "POST",
        _OF_AGENT,
        "Have an agent remember something",
        add_memory,
        Who.MEMBER,
        _TAG,
        answer=MemoryState,
        body=AddMemoryBody,
        errors=(ErrorCode.CONFLICT,),
        status=201,
    ),
    Endpoint(
        "DELETE", _OF_AGENT, "Delete all that an agent remembers", clear_memories, Who.MEMBER, _TAG, answer=Cleared
    ),
    Endpoint(
        "GET", f"{_OF_AGENT}usage", "How full an agent's memory is", get_usage, Who.MEMBER, _TAG, answer=MemoryUsage
    ),
    Endpoint("GET", "/my/memories/export", "Export all memories", export_memories, Who.MEMBER, _TAG, media=NDJSON),
    Endpoint("GET", _ONE, "Return a memory", get_memory, Who.MEMBER, _TAG, answer=MemoryState),
    Endpoint(
        "PATCH", _ONE, "Change a memory", change_memory, Who.MEMBER, _TAG, answer=MemoryState, body=ChangeMemoryBody
    ),
    Endpoint("DELETE", _ONE, "Delete a memory", delete_memory, Who.MEMBER, _TAG),
)

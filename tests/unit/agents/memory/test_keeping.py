"""Writing memories within their limit: on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from agents.memory.episode import Episode
from agents.memory.item import Filter
from agents.memory.keeping import own_agent
from agents.memory.options import MemoryOptions
from agents.store.database import Database
from agents.store.scope import Scope
from channels.errors import ErrorCode, ReplyError
from tests.agents_kit import a_user
from tests.memory_kit import MemoryWorld, a_memory, an_agent

LIMIT = 10


async def full(store: Database) -> tuple[MemoryWorld, Scope, UUID, list[UUID]]:
    """An agent that remembers as much as it may; the ids, oldest first. The oldest is pinned."""
    world, scope = a_memory(store, options=MemoryOptions(limit=LIMIT)), await a_user(store)
    agent = await an_agent(scope)
    ids = [(await world.memory.add(scope, agent, f"Fact {number}", pinned=not number)).id for number in range(LIMIT)]
    return world, scope, agent, ids


async def test_the_user_is_warned_once_when_memory_is_nearly_full(store: Database) -> None:
    """At 80 %, on the way up; the usage says so from then on."""
    world, scope, agent, _ = await full(store)
    warnings = [told for told in world.told.said if told[0] == "nearly_full"]
    assert [told[3].count for told in warnings] == [8]
    usage = await world.memory.usage(scope, agent)
    assert (usage.count, usage.limit, usage.warning, usage.full) == (LIMIT, LIMIT, True, False)


async def test_at_the_limit_the_oldest_fifth_goes_and_its_vectors_with_it(store: Database) -> None:
    """In the transaction that writes the new one; the user is told which. What is pinned stays."""
    world, scope, agent, ids = await full(store)
    await world.settle()
    new = await world.memory.remember(scope, agent, Episode("One more"))
    left = {item.id for item in await world.memory.list(scope, agent)}
    assert left == {ids[0], *ids[3:], new}
    told = next(told for told in world.told.said if told[0] == "pruned")
    assert told[2:] == (agent, (ids[1], ids[2]), f"over the limit of {LIMIT}")
    await world.settle()
    assert await (await world.vectors.pair()).index.count(scope.tenant(agent)) == len(left)


async def test_what_was_said_again_is_not_old(store: Database) -> None:
    """The oldest is what nobody has said for longest."""
    world, scope, agent, ids = await full(store)
    await world.memory.add(scope, agent, "Fact 1")
    await world.memory.add(scope, agent, "One more")
    left = {item.id for item in await world.memory.list(scope, agent)}
    assert ids[1] in left
    assert not {ids[2], ids[3]} & left


async def test_when_all_is_pinned_nothing_new_is_remembered(store: Database) -> None:
    """It is refused, with what to do; nothing is lost, and what is there may still be said again."""
    world, scope, agent, ids = await full(store)
    for id in ids:
        await world.memory.change(scope, id, {"pinned": True})
    assert (await world.memory.usage(scope, agent)).full
    with pytest.raises(ReplyError, match="unpin or delete") as refused:
        await world.memory.remember(scope, agent, Episode("One more"))
    assert refused.value.code is ErrorCode.CONFLICT
    assert (await world.memory.add(scope, agent, "Fact 3")).id == ids[3]
    assert len(await world.memory.list(scope, agent, Filter(pinned=True))) == LIMIT


async def test_one_writer_at_a_time_counts_an_agents_memories(store: Database) -> None:
    """Two that come at once can't both find room for the last one."""
    world, scope, agent, _ = await full(store)
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with scope.begin() as work:
        await own_agent(work, agent, lock=True)
        second = asyncio.create_task(world.memory.add(scope, agent, "At once"))
        blocked = 0
        while not blocked and not second.done():
            async with store.of_system() as connection:
                blocked = await connection.scalar(waiting)
        assert not second.done()
    await second
    await asyncio.gather(*(world.memory.add(scope, agent, f"At once {number}") for number in range(12)))
    assert (await world.memory.usage(scope, agent)).count <= LIMIT


async def test_agents_are_told_apart_from_users(store: Database) -> None:
    """Who remembers an exchange is the agent; who adds a fact is the user."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    item = await world.memory.add(scope, agent, "A fact")
    id = await world.memory.remember(scope, agent, Episode("Something said"))
    assert world.told.said == [("created", scope.subject, item.id, None), ("created", scope.subject, id, agent)]
    assert await world.memory.remember(scope, agent, Episode("  ")) is None

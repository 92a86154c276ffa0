"""The agents of users, in a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any
from uuid import UUID, uuid4

import pytest

from agents.catalog.agent import AgentConfig
from agents.catalog.starters import STARTERS
from agents.ports import IndexUnavailable
from agents.store.database import Database
from agents.store.scope import Scope
from agents.store.tables import memories
from channels.errors import ErrorCode, ReplyError
from tests.agents_kit import a_user
from tests.kit import ManualClock
from tests.unit.agents.catalog.catalogs import Wire, a_catalog


async def refusal(of: Awaitable[Any]) -> ReplyError:
    with pytest.raises(ReplyError) as refused:
        await of
    return refused.value


async def away(_: Scope, __: UUID) -> None:
    raise IndexUnavailable("the vectors are away")


async def test_an_agent_is_made_and_found(store: Database) -> None:
    """With defaults for what isn't given; by its id, and by its name in whatever case and form."""
    scope, catalog = await a_user(store), a_catalog()
    made = await catalog.create(scope, "Ren\u00e9e", {"recall": 9, "temperature": None})
    assert made.config == AgentConfig(recall=9)
    assert (made.status, made.version) == ("ready", 1)
    assert await catalog.get(scope, made.id) == made
    assert await catalog.find(scope, "rene\u0301E") == made
    assert await catalog.find(scope, "nobody") is None
    assert await catalog.find(scope, "no name!") is None
    assert await catalog.list(scope) == [made]


async def test_nothing_of_another_user_is_there(store: Database) -> None:
    """Two users have agents of one name; each sees, changes and deletes their own alone, cached or not."""
    catalog, one, other = a_catalog(), await a_user(store), await a_user(store)
    mine, theirs = await catalog.create(one, "coder"), await catalog.create(other, "coder")
    for scope, own, foreign in ((one, mine, theirs), (other, theirs, mine)):
        assert await catalog.get(scope, own.id) == await catalog.find(scope, "coder") == own
        assert await catalog.list(scope) == [own]
        assert list(await catalog.suggest(scope, "codr")) == ["coder"]
        for attempt in (
            catalog.get(scope, foreign.id),
            catalog.update(scope, foreign.id, name="mine"),
            catalog.delete(scope, foreign.id),
        ):
            assert (await refusal(attempt)).code is ErrorCode.NOT_FOUND


async def test_a_name_is_had_once(store: Database) -> None:
    """In whatever case, by making or by renaming, also by two requests at once. One's own name may change its case."""
    scope, catalog = await a_user(store), a_catalog()
    results = await asyncio.gather(
        *(catalog.create(scope, name) for name in ("coder", "Coder", "CODER")), return_exceptions=True
    )
    errors = [result for result in results if isinstance(result, ReplyError)]
    assert [error.code for error in errors] == [ErrorCode.CONFLICT] * 2
    [coder] = await catalog.list(scope)
    writer = await catalog.create(scope, "writer")
    assert (await refusal(catalog.update(scope, writer.id, name="cOder"))).code is ErrorCode.CONFLICT
    assert (await catalog.update(scope, coder.id, name="cODER")).name == "cODER"


async def test_a_user_has_so_many_agents_and_no_more(store: Database) -> None:
    """Also when requests come at once, and for the starter set: it fits, or nothing of it is added."""
    scope, catalog = await a_user(store), a_catalog(most=4)
    tries = [catalog.create(scope, f"agent{number}") for number in range(6)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [result.details for result in results if isinstance(result, ReplyError)] == [{"limit": 4}] * 2
    assert (await refusal(catalog.add_starters(scope))).code is ErrorCode.CONFLICT
    assert len(await catalog.list(scope)) == 4
    small = await a_user(store)
    assert (await refusal(catalog.add_starters(small))).code is ErrorCode.CONFLICT
    assert await catalog.list(small) == []


async def test_the_starter_set_is_added_once(store: Database) -> None:
    """What is there by its name stays as it is; a second request adds nothing."""
    scope, catalog = await a_user(store), a_catalog()
    own = await catalog.create(scope, "Coder", {"recall": 1})
    added = await catalog.add_starters(scope)
    assert [agent.name for agent in added] == [starter.name for starter in STARTERS if starter.name != "coder"]
    assert await catalog.add_starters(scope) == []
    assert await catalog.list(scope) == [own, *added]


async def test_pages(store: Database) -> None:
    """One after the other give the list."""
    scope, catalog = await a_user(store), a_catalog()
    whole = await catalog.add_starters(scope)
    first = await catalog.page(scope, 2, None)
    rest = await catalog.page(scope, 10, (first[-1].created_at, first[-1].id))
    assert [*first, *rest] == whole


async def test_a_change_keeps_the_rest(store: Database) -> None:
    """A field of `None` has its default again. What changes nothing is no new version."""
    scope, catalog = await a_user(store), a_catalog()
    made = await catalog.create(scope, "coder", {"recall": 9, "temperature": 0.5})
    changed = await catalog.update(scope, made.id, config={"recall": None, "max_tokens": 50}, version=1)
    assert (changed.config, changed.version) == (AgentConfig(temperature=0.5, max_tokens=50), 2)
    assert changed.updated_at > made.updated_at
    assert (await catalog.update(scope, made.id, name="coder", config={"max_tokens": 50})).version == 2
    assert (await refusal(catalog.update(scope, made.id, config={"recall": 99}))).code is ErrorCode.INVALID_DATA


async def test_a_change_may_be_of_one_version(store: Database) -> None:
    """Of two that read the same, the second to write is told so."""
    scope, catalog = await a_user(store), a_catalog()
    made = await catalog.create(scope, "coder")
    tries = [catalog.update(scope, made.id, name=f"name{number}", version=1) for number in range(2)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    [error] = [result for result in results if isinstance(result, ReplyError)]
    assert (error.code, error.details) == (ErrorCode.CONFLICT, {"version": 2})


async def test_names_like_it(store: Database) -> None:
    """Are suggested; without any, the oldest agents."""
    scope, catalog = await a_user(store), a_catalog()
    assert await catalog.suggest(scope, "coder") == []
    await catalog.add_starters(scope)
    assert list(await catalog.suggest(scope, "CODR"))[:1] == ["coder"]
    assert list(await catalog.suggest(scope, "qqq")) == ["architect", "coder", "reviewer"]


async def test_no_half_agent(store: Database) -> None:
    """Without room for its memory there is no agent, and none of a starter set; with it, the name is still free."""
    scope, catalog = await a_user(store), a_catalog()
    catalog.hooks.prepare = (away,)
    for attempt in (catalog.create(scope, "coder"), catalog.add_starters(scope)):
        assert (await refusal(attempt)).code is ErrorCode.UNAVAILABLE
    assert await catalog.list(scope) == []
    catalog.hooks.prepare = ()
    await catalog.create(scope, "coder")


async def test_deleting(store: Database) -> None:
    """Ends what the agent does, then removes what is kept of it, then the agent and its memories; and looks again."""
    scope, catalog, steps = await a_user(store), a_catalog(), []
    agent = await catalog.create(scope, "coder")
    async with scope.begin() as work:
        memory = {"id": uuid4(), "agent_id": agent.id, "kind": "note", "text": "remembered"}
        await work.run(work.insert(memories, **memory))

    async def stop(_: Scope, id: UUID) -> None:
        steps.append(("stop", await catalog.get(scope, id) == agent))

    async def forget(_: Scope, __: UUID) -> None:
        steps.append(("forget", await catalog.list(scope) == [agent]))

    catalog.hooks.stop, catalog.hooks.forget = (stop,), (forget,)
    await catalog.delete(scope, agent.id)
    assert steps == [("stop", True), ("forget", True), ("forget", False)]
    assert (await refusal(catalog.delete(scope, agent.id))).code is ErrorCode.NOT_FOUND
    async with scope.begin() as work:
        assert await work.all(work.select(memories)) == []


async def test_deleting_all(store: Database) -> None:
    """Of one user; they are stopped together, and one that is deleted by somebody else meanwhile is no error."""
    scope, other, catalog = await a_user(store), await a_user(store), a_catalog()
    made = [await catalog.create(scope, name) for name in ("one", "two", "three")]
    kept = await catalog.create(other, "one")
    met, stopped = asyncio.Barrier(3), list[UUID]()

    async def stop(_: Scope, id: UUID) -> None:
        stopped.append(id)
        if len(stopped) <= 3:
            await asyncio.wait_for(met.wait(), 5)
        elif len(stopped) == 4:
            await catalog.delete(scope, made[1].id)

    catalog.hooks.stop += (stop,)
    await catalog.delete_all(scope)
    assert set(stopped[:3]) == {agent.id for agent in made}
    assert await catalog.list(scope) == []
    assert await catalog.list(other) == [kept]
    catalog.hooks.stop = (away,)
    assert (await refusal(catalog.delete_all(other))).code is ErrorCode.UNAVAILABLE
    assert await catalog.list(other) == [kept]


async def test_what_cant_be_removed_keeps_the_agent(store: Database) -> None:
    """So that it can be deleted again, and nothing is left of it that nobody could reach."""
    scope, catalog = await a_user(store), a_catalog()
    agent = await catalog.create(scope, "coder")
    catalog.hooks.forget = (away,)
    assert (await refusal(catalog.delete(scope, agent.id))).code is ErrorCode.UNAVAILABLE
    assert await catalog.get(scope, agent.id) == agent
    catalog.hooks.forget = ()
    await catalog.delete(scope, agent.id)


async def test_what_fails_after_the_end_is_no_refusal(store: Database) -> None:
    """The agent is gone then."""
    scope, catalog, calls = await a_user(store), a_catalog(), []
    agent = await catalog.create(scope, "coder")

    async def once(whose: Scope, which: UUID) -> None:
        calls.append(which)
        if len(calls) > 1:
            await away(whose, which)

    catalog.hooks.forget = (once,)
    await catalog.delete(scope, agent.id)
    assert calls == [agent.id] * 2
    assert await catalog.list(scope) == []


@pytest.mark.parametrize("cut", [False, True], ids=["words arrive", "words are lost"])
async def test_two_processes_have_the_same_agents(store: Database, cut: bool) -> None:
    """What one changes, the other has at once, also when nothing tells it: it asks which version is the right one."""
    wire, clock = Wire(), ManualClock()
    here, there, scope = a_catalog(wire), a_catalog(wire, clock=clock), await a_user(store)
    agent = await here.create(scope, "coder", {"recall": 1})
    assert await there.get(scope, agent.id) == agent
    wire.cut = cut
    for recall in range(2, 5):
        changed = await here.update(scope, agent.id, config={"recall": recall})
        assert await there.get(scope, agent.id) == await there.find(scope, "coder") == changed
    await here.delete(scope, agent.id)
    assert (await refusal(there.get(scope, agent.id))).code is ErrorCode.NOT_FOUND
    assert len(there.cache) == (1 if cut else 0), "what is deleted stays in memory only where the word was lost"


async def test_a_known_agent_is_not_read_again(store: Database) -> None:
    """Its version is, and its status, which has no version."""
    scope, catalog = await a_user(store), a_catalog()
    agent = await catalog.create(scope, "coder")
    for _ in range(3):
        await catalog.get(scope, agent.id)
    async with scope.begin() as work:
        assert await catalog.get(scope, agent.id, work) == agent
    assert (catalog.cache.hits, catalog.cache.misses) == (3, 1)

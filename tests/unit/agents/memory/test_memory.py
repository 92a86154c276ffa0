"""What agents remember, as runs and users have it: on a real PostgreSQL with pgvector."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from agents.memory.episode import Episode
from agents.memory.item import Filter
from agents.memory.memory import Memory
from agents.store.database import Database
from agents.store.tables import memories
from channels.errors import ErrorCode, ReplyError
from tests.agents_kit import a_user
from tests.memory_kit import a_memory, an_agent


async def test_what_was_told_on_monday_is_known_in_a_new_session(store: Database) -> None:
    """A memory is the agent's, not a session's; it says where it comes from. The user's other agent doesn't know."""
    world, scope = a_memory(store), await a_user(store)
    coder, writer = await an_agent(scope, "coder"), await an_agent(scope, "writer")
    monday, told = uuid4(), uuid4()
    episode = Episode("My dog is called Rex.", "Noted.", session_id=monday, message_ids=(told,), task_id=uuid4())
    id = await world.memory.remember(scope, coder, episode)
    await world.settle()
    (found,) = await world.memory.recall(scope, coder, "What is my dog called?", 5)
    assert (found.memory_id, found.text, found.kind) == (id, "My dog is called Rex.\n→ Noted.", "episode")
    assert (found.source["session_id"], found.source["message_ids"]) == (str(monday), [str(told)])
    assert await world.memory.recall(scope, writer, "What is my dog called?", 5) == []


async def test_nobody_reaches_what_is_anothers(store: Database) -> None:
    """Another user's ids are those of nothing, for each thing that can be done."""
    world, owner, stranger = a_memory(store), await a_user(store), await a_user(store)
    agent, own = await an_agent(owner), await an_agent(stranger)
    memory, here = world.memory, (await world.memory.add(owner, await an_agent(owner, "b"), "A secret word"))
    for work in (
        memory.recall(stranger, agent, "secret", 5),
        memory.remember(stranger, agent, Episode("mine now")),
        memory.add(stranger, agent, "mine now"),
        memory.list(stranger, agent),
        memory.search(stranger, agent, "secret"),
        memory.usage(stranger, agent),
        memory.forget_agent(stranger, agent),
        memory.get(stranger, here.id),
        memory.change(stranger, here.id, {"text": "changed"}),
        memory.delete(stranger, here.id),
    ):
        with pytest.raises(ReplyError) as refused:
            await work
        assert refused.value.code is ErrorCode.NOT_FOUND
    await world.settle()
    assert await memory.recall(stranger, own, "secret word", 5) == []
    assert [item async for item in memory.export(stranger)] == []
    assert (await memory.get(owner, here.id)).text == "A secret word"


async def test_the_same_thing_twice_is_one_memory(store: Database) -> None:
    """However it is written, it only becomes new again, and keeps its id."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    first = await world.memory.add(scope, agent, "The release is on Thursday")
    again = await world.memory.add(scope, agent, "  the RELEASE is\non thursday ")
    assert again.id == first.id
    assert (again.text, again.created_at) == (first.text, first.created_at)
    assert again.updated_at > first.updated_at
    assert [what for what, *_ in world.told.said] == ["created", "changed"]
    other = await world.memory.add(scope, agent, "The release is on Thursday", "note")
    assert other.id != first.id


async def test_fifty_turns_about_one_thing_add_no_copies_of_it(store: Database) -> None:
    """An agent that answers with what it recalled, each time, never remembers that again: no text comes to be inside of
    another memory, and what was asked again is no new memory."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    await world.memory.remember(scope, agent, Episode("My dog is called Rex and sleeps in the kitchen.", "Noted."))
    for turn in range(50):
        await world.settle()
        asked = f"What is my dog called, number {turn % 5}?"
        recalled = await world.memory.recall(scope, agent, asked, 5)
        quoted = "\n".join(f"- “{line}” [{at}]" for at, one in enumerate(recalled, 1) for line in one.text.splitlines())
        answer = f"From memory:\n\n{quoted}"
        texts = [one.text for one in recalled]
        await world.memory.remember(scope, agent, Episode(asked, answer, recalled=texts))
    everything = [item.text for item in await world.memory.list(scope, agent)]
    assert len(everything) == 1 + 5
    assert sum("Rex" in text for text in everything) == 1
    best = (await world.memory.recall(scope, agent, "What is my dog called?", 5))[0]
    assert "Rex" in best.text


async def test_a_long_exchange_becomes_several_memories(store: Database) -> None:
    """Each is within its bound, and says which part it is; too many are cut off."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    long = "\n\n".join(f"Paragraph {number}. " + "Words of it. " * 100 for number in range(40))
    first = await world.memory.remember(scope, agent, Episode(long))
    kept = await world.memory.list(scope, agent)
    assert len(kept) == 8
    assert all(len(item.text.encode()) <= 4_000 for item in kept)
    parts = {item.source["part"]: item for item in kept}
    assert sorted(parts) == list(range(1, 9))
    assert parts[1].id == first
    with pytest.raises(ReplyError, match="several memories"):
        await world.memory.add(scope, agent, long)


async def test_an_edited_memory_is_found_by_its_new_text_and_keeps_its_id(store: Database) -> None:
    """By words at once, and by meaning when it is embedded anew. What it said before may be remembered anew."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    old = await world.memory.add(scope, agent, "The office is in Berlin")
    await world.settle()
    item = await world.memory.change(scope, old.id, {"text": "The workshop is in Hamburg"})
    assert (item.id, item.embedding) == (old.id, "pending")
    assert [one.memory_id for one in await world.memory.recall(scope, agent, "Hamburg", 1)] == [old.id]
    await world.settle()
    (found,) = await world.memory.search(scope, agent, "workshop Hamburg")
    assert found.parts["cosine"] > 0.9
    assert found.item.embedding == "stored"
    again = await world.memory.add(scope, agent, "The office is in Berlin")
    assert again.id != old.id
    assert (await world.memory.get(scope, old.id)).text == "The workshop is in Hamburg"
    assert world.told.said[1] == ("changed", scope.subject, old.id, ("text",), None)


async def test_changing_nothing_tells_nobody(store: Database) -> None:
    """A value that is there already is no change."""
    world, scope = a_memory(store), await a_user(store)
    item = await world.memory.add(scope, await an_agent(scope), "x", pinned=True)
    assert await world.memory.change(scope, item.id, {"pinned": True, "text": "x"}) == item
    assert len(world.told.said) == 1


async def test_lists_are_newest_first_and_can_be_filtered(store: Database) -> None:
    """By kind, pin, success and time; pages don't overlap."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    await world.memory.remember(scope, agent, Episode("It broke", success=False))
    await world.memory.remember(scope, agent, Episode("It worked", success=True))
    await world.memory.add(scope, agent, "A fact", pinned=True)
    memory = world.memory

    async def texts(filter: Filter) -> list[str]:
        listed = [item.text for item in await memory.list(scope, agent, filter)]
        searched = await memory.search(scope, agent, "it broke worked a fact", filter)
        assert {one.item.text for one in searched} == set(listed)
        return listed

    await world.settle()
    assert await texts(Filter()) == ["A fact", "It worked", "It broke"]
    assert await texts(Filter(kind="fact")) == ["A fact"]
    assert await texts(Filter(pinned=False)) == ["It worked", "It broke"]
    assert await texts(Filter(success=False)) == ["It broke"]
    assert await texts(Filter(since=datetime.now(UTC) + timedelta(hours=1))) == []
    middle = (await memory.list(scope, agent, limit=2))[1]
    assert await texts(Filter(until=middle.created_at)) == ["It worked", "It broke"]
    rest = await memory.list(scope, agent, before=(middle.created_at, middle.id))
    assert [item.text for item in rest] == ["It broke"]


async def test_everything_is_exported(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all agents, however many pages that takes, each once: agent by agent, oldest first. Also what was written at
    the same moment."""
    world, scope = a_memory(store), await a_user(store)
    expected = []
    for name in ("a", "b"):
        agent = await an_agent(scope, name)
        expected += [await world.memory.add(scope, agent, f"Fact {number}") for number in range(4)]
    async with scope.begin() as work:
        assert len(expected) == await work.scalar(work.select(memories, func.count()))
        same = [item.id for item in expected[1:3]]
        moment = expected[1].created_at
        await work.run(work.update(memories).where(memories.c.id.in_(same)).values(created_at=moment))
    expected[2] = replace(expected[2], created_at=moment)
    expected.sort(key=lambda item: (item.agent_id, item.created_at, item.id))
    for page in (1, 3, 4, 500):
        monkeypatch.setattr("agents.memory.memory.EXPORTED", page)
        assert [item.id async for item in world.memory.export(scope)] == [item.id for item in expected]


async def test_what_is_deleted_is_gone_with_its_vector(store: Database) -> None:
    """One memory, and all of an agent; and all of it when the agent's row goes."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    items = [await world.memory.add(scope, agent, f"Fact {number}") for number in range(3)]
    await world.settle()
    index, tenant = (await world.vectors.pair()).index, scope.tenant(agent)
    assert await index.count(tenant) == 3
    await world.memory.delete(scope, items[0].id)
    with pytest.raises(ReplyError):
        await world.memory.get(scope, items[0].id)
    await world.settle()
    assert await index.count(tenant) == 2
    assert await world.memory.forget_agent(scope, agent) == 2
    await world.settle()
    assert await index.count(tenant) == 0
    assert [what for what, *_ in world.told.said[3:]] == ["deleted", "pruned"]


async def test_without_a_model_words_find_and_nothing_waits(store: Database) -> None:
    """The state is `none`; when a model comes, everything gets its vector."""
    scope = await a_user(store)
    agent = await an_agent(scope)
    alone = Memory()
    item = await alone.add(scope, agent, "The port is 8765")
    assert item.embedding == "none"
    assert [one.memory_id for one in await alone.recall(scope, agent, "port", 3)] == [item.id]
    world = a_memory(store)
    await world.settle()
    assert (await world.memory.get(scope, item.id)).embedding == "stored"
    # Edited by a process without a model, it waits for the next one with one.
    assert (await alone.change(scope, item.id, {"text": "The port is 9000"})).embedding == "none"
    await world.settle()
    async with store.of_system() as connection:
        assert await connection.scalar(select(memories.c.embedding_model)) == world.embedder.model

"""What is found by words: on a real PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from agents.memory import keyword
from agents.memory.item import Filter
from agents.memory.keyword import find_by_words
from agents.store.database import Database
from tests.agents_kit import a_user
from tests.memory_kit import a_memory, an_agent

TEXTS = (
    "ERR_4021 means that the pool is exhausted",
    "ERR_4012 means that the licence has run out",
    "我家的猫叫年糕，今年四岁",
    "Смету согласовал Кравцов",
    "The release is on Thursday, and the release notes come a day before the release",
    "It means nothing",
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ERR_4021", [0]),
        ("err_40", [0, 1]),
        ("what does ERR_4012 mean", [1]),
        ("猫", []),
        ("猫叫什么", [2]),
        ("сметы", [3]),
        ("кравцову", [3]),
        ("releases on thursdays", [4]),
        ("'; DROP TABLE memories; --", []),
        ("?!", []),
        ("", []),
    ],
)
async def test_words_find_what_has_them(store: Database, query: str, expected: list[int]) -> None:
    """Exact identifiers, their beginnings, other forms of words, and Chinese without spaces; no sign does harm."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    ids = [(await world.memory.add(scope, agent, text)).id for text in TEXTS]
    async with scope.begin() as work:
        found = await find_by_words(work, agent, query, Filter(), 10)
    best = [id for id, score in found if score > 0.5 * found[0][1]]
    assert sorted(best) == sorted(ids[number] for number in expected)


async def test_a_rare_word_says_more_than_a_common_one(store: Database) -> None:
    """The score is the part of the question's meaning that a memory has: at most 1."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    for number in range(8):
        await world.memory.add(scope, agent, f"The server number {number}")
    rare = await world.memory.add(scope, agent, "A lighthouse")
    both = await world.memory.add(scope, agent, "A server in a lighthouse")
    async with scope.begin() as work:
        found = await find_by_words(work, agent, "server lighthouse", Filter(), 3)
        assert await find_by_words(work, agent, "server lighthouse", Filter(), 1) == found[:1]
    assert [id for id, _ in found][:2] == [both.id, rare.id]
    assert all(0 < score <= 1 for _, score in found)
    assert found[0][1] > 0.8
    assert found[1][1] > 2 * found[2][1]


async def test_a_word_that_many_memories_have_counts_but_finds_only_what_is_new(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the entries that a search reads. What other words find is ranked as ever, and a question of such words
    alone finds the newest."""
    world, scope = a_memory(store), await a_user(store)
    agent = await an_agent(scope)
    ids = [(await world.memory.add(scope, agent, f"The server number {number} hums")).id for number in range(30)]
    rare = await world.memory.add(scope, agent, "A lighthouse near the sea")
    both = await world.memory.add(scope, agent, "A server in a lighthouse")

    async def found(query: str, limit: int) -> list[tuple[object, float]]:
        async with scope.begin() as work:
            return [*await find_by_words(work, agent, query, Filter(), limit)]

    everything = await found("server lighthouse", 2)
    monkeypatch.setattr(keyword, "READ", 5)
    monkeypatch.setattr(keyword, "READ_EACH", 5)
    bounded = await found("server lighthouse", 2)
    assert [id for id, _ in bounded] == [id for id, _ in everything] == [both.id, rare.id]
    assert [score for _, score in bounded] == pytest.approx([score for _, score in everything], abs=0.05)
    assert [id for id, _ in await found("what number hums", 3)] == ids[:-4:-1]


async def test_the_function_of_the_database_confines_itself(store: Database) -> None:
    """It isn't held by Row-Level Security: whoever names another user's agent finds nothing, nor does who is nobody."""
    world, ann, ben = a_memory(store), await a_user(store), await a_user(store)
    agent = await an_agent(ann)
    secret = await world.memory.add(ann, agent, "The canary sings", "note")
    asked = keyword.words_table(agent, "canary", Filter(), 5)
    async with ann.begin() as work:
        assert await work.scalar(select(asked.c.memory_id)) == secret.id
        for filter in (Filter(kind="fact"), Filter(pinned=True), Filter(success=True), Filter(until=secret.created_at)):
            hit = await find_by_words(work, agent, "canary", filter, 5)
            assert bool(hit) == (filter.until is not None)
    async with ben.begin() as work:
        assert await work.scalar(select(asked.c.memory_id)) is None
    async with store.of_system() as connection:
        assert await connection.scalar(select(asked.c.memory_id)) is None

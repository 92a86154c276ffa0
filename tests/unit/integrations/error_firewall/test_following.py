"""Learning what other processes changed."""

from __future__ import annotations

import asyncio

from integrations.error_firewall.following import Following
from integrations.error_firewall.knowledge import Knowledge
from integrations.error_firewall.similarity import Similarity
from tests.firewall_kit import FragileStore, condition, record_of, rule_of
from tests.live import until


async def test_it_loads_and_follows() -> None:
    """What is there, what comes, and what goes."""
    store, knowledge = FragileStore(), Knowledge(Similarity())
    record = await store.observe(record_of())
    following = Following(store, knowledge)
    assert (following.loaded, following.problem) == (False, "what is known isn't loaded yet")
    task = asyncio.create_task(following.run())
    await until(lambda: following.loaded)
    assert (knowledge.index.get(record.id), following.problem) == (record, None)
    rule = await store.save(rule_of(condition("device", "x")))
    await until(lambda: knowledge.index.get(rule.id) == rule)
    await store.forget([record.id])
    await until(lambda: knowledge.index.get(record.id) is None)
    assert len(knowledge.similarity) == 0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_store_that_is_away_is_tried_again() -> None:
    """What is known stays; until everything was loaded once, that is said in other words."""
    store, knowledge = FragileStore(), Knowledge(Similarity())
    store.away = True
    following = Following(store, knowledge)
    task = asyncio.create_task(following.run())
    await until(lambda: "the store can't be read" in (following.problem or ""))
    assert following.problem == "what is known isn't loaded yet: the store can't be read"
    store.away = False
    await until(lambda: following.loaded)
    store.broken = RuntimeError("a fault of the store")
    store._announce()
    await until(lambda: following.problem is not None)
    assert following.problem == "what is known may be out of date: the store can't be read"
    store.broken = None
    record = await store.observe(record_of())
    await until(lambda: knowledge.index.get(record.id) == record)
    await until(lambda: following.problem is None)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

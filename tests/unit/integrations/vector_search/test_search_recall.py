"""Searches whose recall is measured."""

from __future__ import annotations

import asyncio

from channels.messages import SearchCompleted
from integrations.vector_search.model import Point, Question
from integrations.vector_search.options import SearchOptions
from integrations.vector_search.recall import Kind
from integrations.vector_search.search import ObservedSearch
from tests.vector_searches import Heard, MemoryStore, always, reporting

VECTORS = [[1.0, 0.0], [0.9, 0.3], [0.5, 0.5], [0.0, 1.0]]


async def observed(options: SearchOptions) -> tuple[ObservedSearch, MemoryStore, Heard]:
    store = MemoryStore()
    await store.upsert("docs", [Point(n, vector) for n, vector in enumerate(VECTORS)])
    reporter, heard = reporting(options)
    return ObservedSearch(store, reporter), store, heard


async def test_recall_is_measured_in_the_background() -> None:
    """Absent until there are enough samples, and then the share that is really found: here three of four."""
    search, store, heard = await observed(always(min_samples=3))
    store.overlooked = {2}
    async with search:
        for _ in range(4):
            await search.search_vectors("docs", [1.0, 0.0], top_k=4)
            await search.reporter.sampler.settled()
    assert [message["recall_estimated"] for message in heard.of(SearchCompleted)] == [None, None, None, 0.75]
    assert heard.of(SearchCompleted)[3]["recall_samples"] == 3
    estimate = search.numbers().recall[Kind("docs", 100, 5, False)]
    assert (estimate.recall, estimate.samples) == (0.75, 4)


async def test_recall_is_no_constant() -> None:
    """It follows what the index misses."""
    measured = set()
    for missed in (set(), {0}, {0, 1}, {0, 1, 2, 3}):
        search, store, _ = await observed(always())
        store.overlooked = set(missed)
        async with search:
            await search.search_vectors("docs", [1.0, 0.0], top_k=4)
            await search.reporter.sampler.settled()
        measured.add(search.numbers().recall[Kind("docs", 100, 5, False)].recall)
    assert measured == {1.0, 0.75, 0.5, 0.0}


async def test_an_exact_search_is_not_measured() -> None:
    """It misses nothing by its nature; nobody claims to have measured that."""
    search, _, heard = await observed(always())
    async with search:
        await search.search_vectors("docs", [1.0, 0.0], exact=True)
        await search.reporter.sampler.settled()
    completed = heard.of(SearchCompleted)[0]
    assert (completed["recall_estimated"], completed["ef_search"]) == (None, None)
    assert completed["exact_reason"] == "an exact search was asked for"
    assert sum(search.numbers().samples.values()) == 0


async def test_what_changes_meanwhile_is_not_counted() -> None:
    """Neither a change of the data, nor one of the caller's own vector."""
    search, store, _ = await observed(always())
    vector = [1.0, 0.0]
    await search.search_vectors("docs", vector, top_k=1)
    vector[:] = [0.0, 1.0]
    await search.search_vectors("docs", [0.5, 0.5], top_k=1)
    await store.upsert("docs", [Point(10, [0.5, 0.5]), Point(2, [-1.0, 0.0])])
    async with search:
        await search.reporter.sampler.settled()
    assert search.numbers().samples == {"counted": 1, "busy": 0, "changed": 1, "failed": 0, "empty": 0}


async def test_measuring_holds_no_search_up() -> None:
    """A store that never answers the measurement answers searches as ever."""
    search, store, heard = await observed(always(queue=1))
    hanging = asyncio.Event()

    async def never(_collection: str, _question: Question) -> None:
        hanging.set()
        await asyncio.Event().wait()

    store.search_both_ways = never  # type: ignore[assignment, method-assign]
    async with asyncio.timeout(5), search:
        await search.search_vectors("docs", [1.0, 0.0])
        await hanging.wait()
        for _ in range(5):
            await search.search_vectors("docs", [1.0, 0.0])
    assert len(heard.of(SearchCompleted)) == 6
    assert search.numbers().samples["busy"] == 4

"""Searches that say how they go."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from channels.messages import SearchCompleted, SearchFailed, SearchProgress
from channels.ports import Publisher
from channels.push import Push
from hub.notify import Inbox
from integrations.vector_search.hashing import HashingEmbedder
from integrations.vector_search.model import Found, Hit, Point, Question, UnknownCollection
from integrations.vector_search.numbers import SEVERAL
from integrations.vector_search.options import SearchOptions
from integrations.vector_search.reporting import Reporter
from integrations.vector_search.search import ObservedSearch
from tests.vector_searches import Heard, MemoryStore, always, reporting

VECTORS = [[1.0, 0.0], [0.9, 0.3], [0.5, 0.5], [0.0, 1.0]]


async def filled() -> MemoryStore:
    store = MemoryStore()
    await store.upsert("docs", [Point(n, vector, {"n": n}) for n, vector in enumerate(VECTORS)])
    return store


async def observed(options: SearchOptions | None = None, **parts: Any) -> tuple[ObservedSearch, MemoryStore, Heard]:
    store = await filled()
    reporter, heard = reporting(options)
    return ObservedSearch(store, reporter, **parts), store, heard


def stages(heard: Heard) -> list[tuple[str, float]]:
    return [(message["status"], round(message["progress"], 1)) for message in heard.of(SearchProgress)]


async def test_a_search_gives_what_the_store_gives() -> None:
    """The very same object, and one row of what it took."""
    search, store, heard = await observed()
    given = Found((Hit(7, 0.5, {}, "docs"),), 42)

    async def search_store(collection: str, question: Question) -> Found:
        return given

    store.search = search_store  # type: ignore[method-assign]
    assert await search.search_vectors("docs", [1.0, 0.0], top_k=3) is given
    completed = heard.of(SearchCompleted)[0]
    assert (completed["collection"], completed["top_k"], completed["results_count"]) == ("docs", 3, 1)
    assert (completed["ef_search"], completed["exact_reason"]) == (42, None)


async def test_the_time_is_that_of_a_stopwatch() -> None:
    """Held beside the call."""
    search, store, heard = await observed()
    find = store.search

    async def slowly(collection: str, question: Question) -> Found:
        await asyncio.sleep(0.03)
        return await find(collection, question)

    store.search = slowly  # type: ignore[method-assign]
    before = time.perf_counter()
    await search.search_vectors("docs", [1.0, 0.0])
    held = (time.perf_counter() - before) * 1000
    completed = heard.of(SearchCompleted)[0]
    assert 30 <= completed["search_ms"] <= completed["search_time_ms"] <= held
    assert held - completed["search_time_ms"] < 5


async def test_the_same_search_twice_is_two_searches() -> None:
    """Nothing is cached, so no hit of a cache can count as a search of 0 ms."""
    search, store, heard = await observed()
    for _ in range(2):
        await search.search_vectors("docs", [1.0, 0.0])
    assert len(store.asked) == 2
    assert all(message["search_time_ms"] > 0 for message in heard.of(SearchCompleted))
    assert search.numbers().collections["docs"].searches == 2


async def test_stages_are_those_that_happen() -> None:
    """A vector in one collection has one; text, several collections and re-ranking have more. Progress never falls."""

    async def reverse(_query: object, hits: Sequence[Hit]) -> Sequence[Hit]:
        return list(reversed(hits))

    search, store, heard = await observed()
    await search.search_vectors("docs", [1.0, 0.0])
    assert stages(heard) == [("searching", 0.0), ("completed", 100.0)]
    store.points["notes"] = {}
    search, _, heard = await observed(embed=HashingEmbedder(8), rerank=reverse)
    search.store = store
    store.points = {name: {1: Point(1, [0.5] * 8)} for name in ("docs", "notes")}
    await search.search_vectors(["docs", "notes"], "a text")
    assert stages(heard) == [
        ("embedding", 0.0),
        ("searching", 25.0),
        ("searching", 50.0),
        ("reranking", 75.0),
        ("completed", 100.0),
    ]
    assert [message["collection"] for message in heard.of(SearchProgress)] == [None, "docs", "notes", None, None]
    assert {data["query_id"] for _, data in heard.said} == {"q-1"}
    assert heard.said[-1][0] == "search_completed"


async def test_several_collections_are_merged_by_score() -> None:
    """The best of all, not so many of each; each hit says where it is from."""
    search, store, heard = await observed()
    store.points["notes"] = {9: Point(9, [0.99, 0.1])}
    found = await search.search_vectors(["docs", "notes"], [1.0, 0.0], top_k=2)
    assert [(hit.collection, hit.id) for hit in found.hits] == [("docs", 0), ("notes", 9)]
    assert heard.of(SearchCompleted)[0]["collection"] == "docs,notes"
    assert list(search.numbers().collections) == [SEVERAL]


async def test_text_is_embedded_and_hits_are_reranked() -> None:
    """The re-ranker gets more than is asked for, and the query; what it gives is cut to what is asked for."""
    got: list[tuple[object, int]] = []

    def rerank(query: object, hits: Sequence[Hit]) -> list[Hit]:
        got.append((query, len(hits)))
        return list(reversed(hits))

    async def embed(text: str) -> list[float]:
        return [1.0, 0.0] if text == "right" else [0.0, 1.0]

    search, store, heard = await observed(embed=embed, rerank=rerank)
    found = await search.search_vectors("docs", "right", top_k=1, candidates=3)
    assert got == [("right", 3)]
    assert [hit.id for hit in found.hits] == [2]
    assert store.asked[0].top_k == 3
    await search.search_vectors("docs", "right", top_k=1)
    assert store.asked[1].top_k == 4
    completed = heard.of(SearchCompleted)[0]
    assert (completed["top_k"], completed["results_count"]) == (1, 1)
    assert completed["query"] == "right"
    assert None not in [completed[name] for name in ("embed_ms", "search_ms", "rerank_ms")]


async def test_a_plain_function_does_not_hold_up_the_loop() -> None:
    """It runs in a thread; a callable object is told apart by what its call is."""
    threads: list[int] = []

    def embed(_text: str) -> list[float]:
        threads.append(threading.get_ident())
        return [1.0, 0.0]

    class Remote:
        async def __call__(self, text: str) -> list[float]:
            return embed(text)

    for embedder in (embed, Remote()):
        search, _, _ = await observed(embed=embedder)
        assert (await search.search_vectors("docs", "x", top_k=1)).hits[0].id == 0
    assert threads[0] != threading.get_ident() == threads[1]


@pytest.mark.parametrize("error", [ConnectionError("away"), UnknownCollection("docs"), TimeoutError(), ValueError("x")])
async def test_what_the_store_raises_is_what_the_caller_gets(error: Exception) -> None:
    """The very exception, never an empty result; what is said ends with failed."""
    search, store, heard = await observed()
    store.error = error
    with pytest.raises(type(error)) as caught:
        await search.search_vectors("docs", [1.0, 0.0])
    assert caught.value is error
    assert caught.value.__cause__ is None
    assert stages(heard) == [("searching", 0.0), ("failed", 0.0)]
    failed = heard.of(SearchFailed)[0]
    assert (failed["reason"], failed["stage"]) == (type(error).__name__, "searching")
    assert heard.of(SearchCompleted) == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"query": "text"}, TypeError),
        ({"query": [1.0], "top_k": 0}, ValueError),
        ({"query": [1.0], "ef_search": 0}, ValueError),
        ({"query": [1.0], "collection": []}, ValueError),
        ({"query": [1.0, 0.0], "collection": "missing"}, KeyError),
    ],
    ids=str,
)
async def test_a_wrong_call_is_a_failed_search(arguments: dict[str, Any], error: type[Exception]) -> None:
    """It raises, and that is said."""
    search, _, heard = await observed()
    with pytest.raises(error):
        await search.search_vectors(**{"collection": "docs", **arguments})
    assert [type for type, _ in heard.said][-2:] == ["search_progress", "search_failed"]
    assert stages(heard)[-1][0] == "failed"


@pytest.mark.parametrize("stage", ["embedding", "searching", "reranking"])
async def test_who_gives_up_is_not_kept(stage: str) -> None:
    """A cancelled search is cancelled, says so, and where it was."""
    begun = asyncio.Event()

    async def endless(*_args: Any) -> Any:
        begun.set()
        await asyncio.Event().wait()

    async def embed(_text: str) -> list[float]:
        return [1.0, 0.0]

    search, store, heard = await observed(
        embed=endless if stage == "embedding" else embed, rerank=endless if stage == "reranking" else None
    )
    if stage == "searching":
        store.search = endless  # type: ignore[assignment, method-assign]
    task = asyncio.create_task(search.search_vectors("docs", "text"))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    failed = heard.of(SearchFailed)[0]
    assert (failed["status"], failed["stage"], failed["reason"]) == ("cancelled", stage, "CancelledError")
    progress = [share for _, share in stages(heard)]
    assert progress == sorted(progress)
    assert stages(heard)[-1][0] == "failed"
    assert search.numbers().collections["docs"].cancelled == 1


async def test_a_hub_changes_no_result_in_whatever_state_it_is() -> None:
    """There, absent, full, or broken: the same hits, and the same exception."""

    def broken(channel: str, type: str, data: Any) -> bool:
        raise RuntimeError("no hub")

    states: tuple[Publisher | None, ...] = (Heard(), None, Inbox(limit=0).put, broken)
    for publish in states:
        store = await filled()
        search = ObservedSearch(store, Reporter(Push(publish), always()))
        found = await search.search_vectors("docs", [1.0, 0.0], top_k=2)
        assert found == await store.search("docs", Question([1.0, 0.0], 2))
        store.error = ConnectionError("away")
        with pytest.raises(ConnectionError, match="away"):
            await search.search_vectors("docs", [1.0, 0.0])


async def test_leaving_ends_what_runs() -> None:
    """No task is left."""
    search, _, _ = await observed()
    before = asyncio.all_tasks()
    async with search:
        assert len(asyncio.all_tasks()) > len(before)
    assert asyncio.all_tasks() == before

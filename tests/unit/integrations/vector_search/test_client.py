"""A Qdrant client that says how its searches go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, ClassVar, cast

import numpy as np
import pytest
from qdrant_client import AsyncQdrantClient, models

from channels.messages import SearchCompleted, SearchFailed, SearchProgress
from channels.push import Push
from integrations.vector_search.client import observe
from integrations.vector_search.qdrant import LOCAL_REASON
from integrations.vector_search.recall import Kind
from integrations.vector_search.reporting import Reporter
from integrations.vector_search.watching import watch
from tests.vector_searches import always, reporting

VECTORS = [[1.0, 0.0], [0.9, 0.3], [0.5, 0.5], [0.0, 1.0]]


@pytest.fixture
async def client() -> AsyncIterator[AsyncQdrantClient]:
    client = AsyncQdrantClient(":memory:")
    await client.create_collection("docs", vectors_config=models.VectorParams(size=2, distance=models.Distance.COSINE))
    await client.upsert(
        "docs", [models.PointStruct(id=n, vector=vector, payload={"half": n % 2}) for n, vector in enumerate(VECTORS)]
    )
    yield client
    await client.close()


class AsServer:
    """The local client, said to be a server's: with an index that misses ids, unless the search is exact."""

    def __init__(self, client: AsyncQdrantClient, missed: set[int]) -> None:
        self._client = client
        self._missed = missed
        self.init_options = {"location": None, "path": None}

    async def query_points(self, collection_name: str, *args: Any, **options: Any) -> Any:
        parameters = options.pop("search_params", None)
        limit = options.pop("limit", 10)
        answer = await self._client.query_points(collection_name, *args, **options)
        if not getattr(parameters, "exact", False):
            answer.points = [point for point in answer.points if point.id not in self._missed]
        answer.points = answer.points[:limit]
        return answer


async def test_one_line_changes(client: AsyncQdrantClient) -> None:
    """Every answer is the client's, and what isn't a search is untouched; it even passes for one."""
    reporter, heard = reporting()
    watched = observe(client, reporter)
    assert isinstance(watched, AsyncQdrantClient)
    assert (await watched.count("docs")).count == 4
    assert await watched.query_points("docs", query=[1.0, 0.0], limit=2) == await client.query_points(
        "docs", query=[1.0, 0.0], limit=2
    )
    assert await watched.query_points("docs", [1.0, 0.0]) == await client.query_points("docs", [1.0, 0.0])
    first, second = heard.of(SearchCompleted)
    assert (first["collection"], first["top_k"], first["results_count"]) == ("docs", 2, 2)
    assert (second["top_k"], second["results_count"]) == (10, 4)
    assert (first["ef_search"], first["exact_reason"], first["recall_estimated"]) == (None, LOCAL_REASON, None)
    assert [message["status"] for message in heard.of(SearchProgress)[:2]] == ["searching", "completed"]
    assert 0 < first["search_ms"] <= first["search_time_ms"]


async def test_groups_and_batches_are_searches_too(client: AsyncQdrantClient) -> None:
    """Of a batch all results together."""
    reporter, heard = reporting()
    watched = observe(client, reporter)
    groups = await watched.query_points_groups("docs", "half", query=[1.0, 0.0], limit=2, group_size=1)
    assert len(groups.groups) == 2
    requests = [models.QueryRequest(query=[1.0, 0.0], limit=1), models.QueryRequest(query=[0.0, 1.0], limit=3)]
    assert await watched.query_batch_points("docs", requests) == await client.query_batch_points("docs", requests)
    assert [(m["top_k"], m["results_count"]) for m in heard.of(SearchCompleted)] == [(2, 2), (4, 4)]


async def test_the_clients_exceptions_are_its_own(client: AsyncQdrantClient) -> None:
    """As they are, and without their text on the channel."""
    reporter, heard = reporting()
    watched = observe(client, reporter)
    with pytest.raises(ValueError, match="Collection secret not found"):
        await watched.query_points("secret", query=[1.0, 0.0])
    with pytest.raises(AssertionError, match="Unknown arguments"):
        await watched.query_points("docs", query=[1.0, 0.0], no_such_option=1)
    assert [message["reason"] for message in heard.of(SearchFailed)] == ["ValueError", "AssertionError"]
    assert "not found" not in str(heard.said)


async def test_a_cancelled_search_is_cancelled() -> None:
    """And said to be."""
    begun = asyncio.Event()

    class Endless:
        init_options: ClassVar[dict[str, Any]] = {}

        async def query_points(self, *_args: Any, **_options: Any) -> Any:
            begun.set()
            await asyncio.Event().wait()

    reporter, heard = reporting()
    task = asyncio.create_task(observe(cast(AsyncQdrantClient, Endless()), reporter).query_points("docs", query=[1.0]))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard.of(SearchFailed)[0]["status"] == "cancelled"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (None, (None, None)),
        (models.SearchParams(hnsw_ef=77), (77, None)),
        (models.SearchParams(exact=True), (None, "an exact search was asked for")),
    ],
    ids=["left to the server", "said", "exact"],
)
async def test_ef_search_is_what_the_caller_said(
    client: AsyncQdrantClient, parameters: models.SearchParams | None, expected: tuple[int | None, str | None]
) -> None:
    """What is left to the server isn't known, and not guessed."""
    reporter, heard = reporting()
    watched = observe(cast(AsyncQdrantClient, AsServer(client, set())), reporter)
    await watched.query_points("docs", query=[1.0, 0.0], search_params=parameters)
    completed = heard.of(SearchCompleted)[0]
    assert (completed["ef_search"], completed["exact_reason"]) == expected


@pytest.mark.parametrize("as_array", [False, True])
async def test_recall_is_measured(client: AsyncQdrantClient, as_array: bool) -> None:
    """With a copy of the vector, by the same search, exact and not: here three of four are found."""
    reporter, _ = reporting(always())
    watched = observe(cast(AsyncQdrantClient, AsServer(client, {1})), reporter)
    vector: Any = np.array([1.0, 0.0]) if as_array else [1.0, 0.0]
    await watched.query_points("docs", query=vector, limit=4, search_params=models.SearchParams(hnsw_ef=64))
    vector[0] = -1.0
    task = asyncio.create_task(watch(reporter, lambda name: _count(client, name)))
    await reporter.sampler.settled()
    task.cancel()
    await asyncio.wait([task])
    assert reporter.sampler.outcomes["counted"] == 1
    assert reporter.numbers().recall[Kind("docs", 64, 5, False)].recall == 0.75


async def _count(client: AsyncQdrantClient, name: str) -> int:
    return (await client.count(name)).count


@pytest.mark.parametrize(
    "options",
    [
        {"query": 1},
        {"query": [[1.0, 0.0]]},
        {"query": [1.0, 0.0], "offset": 1},
        {"query": [1.0, 0.0], "score_threshold": 0.5},
        {"query": models.FusionQuery(fusion=models.Fusion.RRF), "prefetch": [models.Prefetch(query=[1.0, 0.0])]},
        {"query": None},
    ],
    ids=str,
)
async def test_other_searches_are_not_measured(client: AsyncQdrantClient, options: dict[str, Any]) -> None:
    """An exact search for something else is no truth about them. Published they are."""

    class Answers(AsServer):
        async def query_points(self, collection_name: str, *args: Any, **options: Any) -> Any:
            return await self._client.query_points(collection_name, query=[1.0, 0.0])

    reporter, heard = reporting(always())
    await observe(cast(AsyncQdrantClient, Answers(client, set())), reporter).query_points("docs", **options)
    assert len(heard.of(SearchCompleted)) == 1
    assert reporter.numbers().samples["busy"] == 0
    assert reporter.sampler._queue.empty()


async def test_an_answer_of_an_unknown_shape_reaches_the_caller() -> None:
    """What can't be read in it is a fault of ours."""

    class Odd:
        init_options: ClassVar[dict[str, Any]] = {}

        async def query_points(self, *_args: Any, **_options: Any) -> Any:
            return "an answer of next year's version"

    reporter = Reporter(Push(None))
    watched = observe(cast(AsyncQdrantClient, Odd()), reporter)
    assert cast(Any, await watched.query_points("docs", query=[1.0])) == "an answer of next year's version"
    assert reporter.faults == 1

"""Vectors in Qdrant. What all stores promise is in tests/contract; here is what only a server has, with a double of it:
there is no Qdrant server among the packages that tests may install.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.models import QueryResponse

from integrations.vector_search.model import Question, UnknownCollection
from integrations.vector_search.qdrant import LOCAL_REASON, QdrantStore, is_local


class ServerDouble:
    """A client that is said to speak to a server, and tells what it was asked. It answers what it is given.

    Attributes:
        answers: points of the next searches, in order; the last one stays.
        asked: the parameters of every search.
        error: raised by every call, when there is one.
    """

    def __init__(self, *answers: list[models.ScoredPoint], distance: models.Distance = models.Distance.COSINE) -> None:
        self.init_options = {"location": None, "path": None, "url": "http://127.0.0.1:6333"}
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []
        self.error: Exception | None = None
        self._distance = distance

    async def get_collection(self, _name: str) -> Any:
        if self.error is not None:
            raise self.error
        vectors = models.VectorParams(size=2, distance=self._distance)
        return SimpleNamespace(config=SimpleNamespace(params=SimpleNamespace(vectors=vectors)))

    async def query_points(self, _name: str, **options: Any) -> QueryResponse:
        if self.error is not None:
            raise self.error
        self.asked.append(options)
        return QueryResponse(points=self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])


def store_on(double: ServerDouble, **options: Any) -> QdrantStore:
    return QdrantStore(cast(AsyncQdrantClient, double), **options)


def points(*scores: float, version: int = 1) -> list[models.ScoredPoint]:
    return [models.ScoredPoint(id=n, version=version, score=score) for n, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("question", "ef_search"),
    [
        (Question([1.0, 0.0], 10), 128),
        (Question([1.0, 0.0], 500), 500),
        (Question([1.0, 0.0], 10, ef_search=40), 40),
    ],
)
async def test_the_index_is_told_what_is_said(question: Question, ef_search: int) -> None:
    """The ef_search that is reported is the one that was sent: also where nobody asked for one."""
    double = ServerDouble(points(0.9))
    found = await store_on(double).search("docs", question)
    assert double.asked[0]["search_params"].hnsw_ef == found.ef_search == ef_search
    assert not double.asked[0]["search_params"].exact
    assert found.exact_reason is None


async def test_an_exact_search_says_so_to_the_server() -> None:
    """And to the caller."""
    double = ServerDouble(points(0.9))
    found = await store_on(double).search("docs", Question([1.0, 0.0], 10, exact=True))
    assert double.asked[0]["search_params"].exact is True
    assert (found.ef_search, found.exact_reason) == (None, "an exact search was asked for")


async def test_the_local_mode_has_no_index(tmp_path: Path) -> None:
    """In memory and in a folder: it compares every vector, so there is no ef_search, and no recall to measure."""
    for client in (AsyncQdrantClient(":memory:"), AsyncQdrantClient(path=str(tmp_path))):
        store = QdrantStore(client)
        await store.create("docs", 2)
        found = await store.search("docs", Question([1.0, 0.0], 1, ef_search=40))
        assert (found.ef_search, found.exact_reason) == (None, LOCAL_REASON)
        assert await store.search_both_ways("docs", Question([1.0, 0.0], 1)) is None
        await client.close()
    assert not is_local(cast(AsyncQdrantClient, ServerDouble()))


async def test_euclidean_distances_become_scores_that_rise_with_likeness() -> None:
    """Qdrant gives them as they are: least first."""
    double = ServerDouble(points(0.5, 2.0), distance=models.Distance.EUCLID)
    assert [hit.score for hit in (await store_on(double).search("docs", Question([1.0, 0.0], 2))).hits] == [-0.5, -2.0]


async def test_both_ways_in_unchanged_data() -> None:
    """Exact, with the index, exact again: the pair counts when both exact ones found the same versions."""
    double = ServerDouble(points(0.9, 0.8), points(0.9), points(0.9, 0.8))
    pair = await store_on(double).search_both_ways("docs", Question([1.0, 0.0], 2))
    assert pair is not None
    assert [len(pair.approximate), len(pair.exact)] == [1, 2]
    assert [bool(asked["search_params"].exact) for asked in double.asked] == [True, False, True]
    assert double.asked[1]["search_params"].hnsw_ef == 128


@pytest.mark.parametrize("after", [points(0.9), points(0.9, 0.8, version=2), points()])
async def test_both_ways_in_data_that_changed(after: list[models.ScoredPoint]) -> None:
    """A point that went, came, or was written anew in between: no pair."""
    double = ServerDouble(points(0.9, 0.8), points(0.9, 0.8), after)
    assert await store_on(double).search_both_ways("docs", Question([1.0, 0.0], 2)) is None


class _Answered(Exception):
    """As the client raises for HTTP statuses."""

    def __init__(self, status_code: int) -> None:
        self.status_code = status_code


class _Refused(Exception):
    """As gRPC raises."""

    def __init__(self, name: str) -> None:
        self.code = lambda: SimpleNamespace(name=name)


@pytest.mark.parametrize("error", [_Answered(404), _Refused("NOT_FOUND"), ValueError("Collection docs not found")])
async def test_a_missing_collection_is_known_in_every_dialect(error: Exception) -> None:
    """Over HTTP, over gRPC and in the local mode; also when it was there a moment ago."""
    double = ServerDouble(points(0.9))
    store = store_on(double)
    await store.search("docs", Question([1.0, 0.0], 1))
    double.error = error
    with pytest.raises(UnknownCollection) as caught:
        await store.search("docs", Question([1.0, 0.0], 1))
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("error", [_Answered(500), _Refused("UNAVAILABLE"), ValueError("wrong"), ConnectionError()])
async def test_other_errors_pass_as_they_are(error: Exception) -> None:
    """They mean something else."""
    double = ServerDouble(points(0.9))
    double.error = error
    with pytest.raises(type(error)) as caught:
        await store_on(double).search("docs", Question([1.0, 0.0], 1))
    assert caught.value is error


async def test_a_collection_of_named_vectors_is_refused() -> None:
    """Which of them is meant can't be said here."""
    client = AsyncQdrantClient(":memory:")
    parameters = {"text": models.VectorParams(size=2, distance=models.Distance.COSINE)}
    await client.create_collection("docs", vectors_config=parameters)
    with pytest.raises(ValueError, match="one vector a point"):
        await QdrantStore(client).search("docs", Question([1.0, 0.0], 1))
    await client.close()

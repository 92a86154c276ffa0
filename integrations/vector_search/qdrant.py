"""Vectors in Qdrant, by `AsyncQdrantClient`: a server, or the client's local mode in a folder or in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Final

from qdrant_client import AsyncQdrantClient, models
from qdrant_client.http.models import QueryResponse

from integrations.vector_search.model import (
    Distance,
    Filter,
    Found,
    Hit,
    Point,
    PointId,
    Question,
    UnknownCollection,
    checked_collection,
    checked_id,
    wanted_values,
)
from integrations.vector_search.store import Pair

LOCAL_REASON: Final = "the client's local mode compares every vector"
ASKED_REASON: Final = "an exact search was asked for"

Points = list[models.ScoredPoint]

_DISTANCES: Final[dict[Distance, models.Distance]] = {
    "cosine": models.Distance.COSINE,
    "dot": models.Distance.DOT,
    "euclid": models.Distance.EUCLID,
}
_NOT_FOUND: Final = 404


def is_local(client: AsyncQdrantClient) -> bool:
    """Tell whether the client is its own store, without a server: that has no index."""
    options = client.init_options
    return options.get("location") == ":memory:" or options.get("path") is not None


class QdrantStore:
    """A `VectorStore` on Qdrant. The client stays the caller's: who made it closes it.

    Every search names its `hnsw_ef`, because only then it is known. A server still compares every vector of a segment
    that is too small for an index, or has none yet; then it finds more than `ef_search` says, never less.

    Args:
        ef_search: candidates that the index keeps when a search doesn't say; never below its `top_k`.
    """

    def __init__(self, client: AsyncQdrantClient, ef_search: int = 128) -> None:
        self._client = client
        self._ef_search = ef_search
        self._local = is_local(client)
        self._negative: dict[str, bool] = {}

    async def create(self, collection: str, dimensions: int, distance: Distance = "cosine") -> None:
        """Make a collection."""
        name = checked_collection(collection)
        if not await self._client.collection_exists(name):
            parameters = models.VectorParams(size=dimensions, distance=_DISTANCES[distance])
            await self._client.create_collection(name, vectors_config=parameters)

    async def drop(self, collection: str) -> None:
        """Remove a collection."""
        self._negative.pop(collection, None)
        if await self._client.collection_exists(checked_collection(collection)):
            await self._client.delete_collection(collection)

    async def upsert(self, collection: str, points: Sequence[Point]) -> None:
        """Put points in, and wait until they can be found."""
        await self._orientation(collection)
        structs = [
            models.PointStruct(id=checked_id(point.id), vector=list(point.vector), payload=dict(point.payload))
            for point in points
        ]
        if structs:
            await self._call(collection, self._client.upsert(collection, structs, wait=True))

    async def delete(self, collection: str, ids: Collection[PointId]) -> None:
        """Take points out, and wait until they are."""
        selector = models.PointIdsList(points=[checked_id(id) for id in ids])
        await self._orientation(collection)
        if ids:
            await self._call(collection, self._client.delete(collection, selector, wait=True))

    async def count(self, collection: str) -> int:
        """Count the points, exactly."""
        answer = await self._call(collection, self._client.count(checked_collection(collection), exact=True))
        return int(answer.count)

    async def search(self, collection: str, question: Question) -> Found:
        """Find the nearest points."""
        exact = question.exact or self._local
        hits = await self._query(collection, question, exact)
        if exact:
            return Found(hits, None, ASKED_REASON if question.exact else LOCAL_REASON)
        return Found(hits, self._ef(question))

    async def search_both_ways(self, collection: str, question: Question) -> Pair | None:
        """Search exactly, with the index, and exactly again (`both_ways`)."""
        if self._local:
            return None
        negative = await self._orientation(collection)
        both = await both_ways(lambda exact: self._points(collection, question, exact))
        return both and Pair(*(_hits(collection, points, negative) for points in both))

    async def _query(self, collection: str, question: Question, exact: bool) -> tuple[Hit, ...]:
        negative = await self._orientation(collection)
        return _hits(collection, await self._points(collection, question, exact), negative)

    async def _points(self, collection: str, question: Question, exact: bool) -> Points:
        parameters = models.SearchParams(exact=True) if exact else models.SearchParams(hnsw_ef=self._ef(question))
        filter = None if question.filter is None else _condition(question.filter)
        call = self._client.query_points(
            collection,
            query=list(question.vector),
            query_filter=filter,
            limit=question.top_k,
            search_params=None if self._local else parameters,  # which it warns of, because it knows none
            with_payload=True,
        )
        answer: QueryResponse = await self._call(collection, call)
        return answer.points

    def _ef(self, question: Question) -> int:
        return question.ef_search or max(self._ef_search, question.top_k)

    async def _orientation(self, collection: str) -> bool:
        """Tell whether the collection's scores fall with likeness: Qdrant gives Euclidean distances as they are."""
        negative = self._negative.get(collection)
        if negative is None:
            name = checked_collection(collection)
            info: models.CollectionInfo = await self._call(name, self._client.get_collection(name))
            vectors = info.config.params.vectors
            if not isinstance(vectors, models.VectorParams):
                raise ValueError(f"expected a collection with one vector a point; {name} has several, or sparse ones")
            negative = self._negative[collection] = vectors.distance is models.Distance.EUCLID
        return negative

    async def _call(self, collection: str, call: Any) -> Any:
        try:
            return await call
        except Exception as error:
            if _says_not_found(error, collection):
                self._negative.pop(collection, None)
                raise UnknownCollection(collection) from error
            raise


async def both_ways(points: Callable[[bool], Awaitable[Points]]) -> tuple[Points, Points] | None:
    """Search exactly, with the index, and exactly again; return the last two. Qdrant has no snapshot to read twice: the
    data counts as unchanged when both exact searches found the same points in the same versions, otherwise `None`.

    Args:
        points: searches, exactly if told so.
    """
    before = await points(True)
    between = await points(False)
    after = await points(True)
    unchanged = [(point.id, point.version) for point in before] == [(point.id, point.version) for point in after]
    return (between, after) if unchanged else None


def _says_not_found(error: Exception, collection: str) -> bool:
    """The server answers 404 (over gRPC NOT_FOUND); the local mode raises a ValueError that names the collection."""
    if getattr(error, "status_code", None) == _NOT_FOUND:
        return True
    code = getattr(error, "code", None)
    if callable(code) and getattr(code(), "name", "") == "NOT_FOUND":
        return True
    return isinstance(error, ValueError) and str(error) == f"Collection {collection} not found"


def _hits(collection: str, points: Sequence[models.ScoredPoint], negative: bool) -> tuple[Hit, ...]:
    return tuple(
        Hit(_id(point.id), -point.score if negative else point.score, point.payload or {}, collection)
        for point in points
    )


def _id(id: Any) -> PointId:
    return id if isinstance(id, int) else str(id)


def _condition(filter: Filter) -> models.Filter:
    conditions: list[models.Condition] = []
    for name, values in wanted_values(filter):
        alternatives: list[models.Condition] = [
            models.FieldCondition(key=name, match=models.MatchValue(value=value)) for value in values
        ]
        conditions.append(models.Filter(should=alternatives) if len(alternatives) != 1 else alternatives[0])
    return models.Filter(must=conditions)

"""An `AsyncQdrantClient` that says on `vector_search` how its searches go: one line changes in code that has one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from numbers import Real
from typing import Any, Final, cast

from qdrant_client import AsyncQdrantClient, models

from integrations.vector_search.model import Found, Hit
from integrations.vector_search.qdrant import ASKED_REASON, LOCAL_REASON, Points, both_ways, is_local
from integrations.vector_search.reporting import Report, Reporter
from integrations.vector_search.sampling import Measure
from integrations.vector_search.store import Pair

_PLAIN: Final = frozenset({"query", "using", "query_filter", "search_params", "limit", "with_payload", "with_vectors"})
"""A search with other options may not be one for the nearest neighbours of one vector."""


def observe(client: AsyncQdrantClient, reporter: Reporter) -> AsyncQdrantClient:
    """Wrap a client. Everything passes through; `query_points`, `query_batch_points` (as one search) and
    `query_points_groups` are published, too.

    Recall is measured for plain `query_points`: one vector, and nothing but a filter and parameters. For that, and to
    count vectors, `watch` must run; in a hub it does.

    Returns:
        What behaves as the client in all else, `isinstance` included.
    """
    return cast(AsyncQdrantClient, ObservedClient(client, reporter))


class ObservedClient:
    """What `observe` gives."""

    def __init__(self, client: AsyncQdrantClient, reporter: Reporter) -> None:
        self._client = client
        self._reporter = reporter
        self._is_local = is_local(client)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self._client)

    async def query_points(self, collection_name: str, *args: Any, **options: Any) -> Any:
        """See `AsyncQdrantClient.query_points`."""
        search = _Search(self._client.query_points, collection_name, args, options)
        return await self._observed(search, search.option("limit", 10), _points_of_one)

    async def query_points_groups(self, collection_name: str, *args: Any, **options: Any) -> Any:
        """See `AsyncQdrantClient.query_points_groups`."""
        search = _Search(self._client.query_points_groups, collection_name, args, options)
        wanted = search.option("limit", 10) * search.option("group_size", 3)
        return await self._observed(search, wanted, _points_of_groups)

    async def query_batch_points(self, collection_name: str, *args: Any, **options: Any) -> Any:
        """See `AsyncQdrantClient.query_batch_points`."""
        search = _Search(self._client.query_batch_points, collection_name, args, options)
        requests = args[0] if args else options.get("requests", ())
        wanted = sum(getattr(request, "limit", None) or 10 for request in requests)
        return await self._observed(search, wanted, _points_of_batch)

    async def _observed(self, search: _Search, wanted: int, points_of: Callable[[Any], Points]) -> Any:
        report = self._reporter.begin((search.collection,), wanted, None, 1)
        report.enter("searching", search.collection)
        try:
            answer = await search.run()
        except BaseException as error:
            report.fail(error)
            raise
        try:
            self._completed(report, search, wanted, points_of(answer))
        except Exception:
            self._reporter.faults += 1
        return answer

    def _completed(self, report: Report, search: _Search, wanted: int, points: Points) -> None:
        found = Found((), *self._index_used(search))
        filtered = search.option("query_filter", None) is not None
        report.complete((found,), len(points), depth=wanted, filtered=filtered)
        if search.is_plain:
            report.sample(
                search.collection,
                found,
                wanted,
                filtered=filtered,
                prepare=lambda: (_hits(search.collection, points), search.measure()),
            )

    def _index_used(self, search: _Search) -> tuple[int | None, str | None]:
        parameters = search.option("search_params", None)
        if self._is_local:
            return None, LOCAL_REASON
        if getattr(parameters, "exact", False):
            return None, ASKED_REASON
        return getattr(parameters, "hnsw_ef", None), None


class _Search:
    """One call of the client, as it was made.

    Attributes:
        is_plain: it is a search for the nearest neighbours of one vector.
    """

    __slots__ = ("_args", "_call", "_options", "collection")

    def __init__(
        self, call: Callable[..., Awaitable[Any]], collection: str, args: tuple[Any, ...], options: dict[str, Any]
    ) -> None:
        self._call = call
        self._args = args
        self._options = options
        self.collection = collection

    async def run(self) -> Any:
        """Make the call."""
        return await self._call(self.collection, *self._args, **self._options)

    def option(self, name: str, default: Any) -> Any:
        """Return what the call says about an option. Those that were given by place, after the query, aren't seen."""
        value = self._options.get(name)
        return default if value is None else value

    @property
    def is_plain(self) -> bool:
        if len(self._args) > 1 or not _PLAIN.issuperset(self._options):
            return False
        query: Any = self._args[0] if self._args else self._options.get("query")
        is_vector = isinstance(query, list | tuple) or hasattr(query, "__array__")
        return is_vector and len(query) > 0 and isinstance(query[0], Real)

    def measure(self) -> Measure:
        """Prepare to search once more, with the index and exactly. The vector is copied now."""
        options = dict(self._options)
        query = list(self._args[0] if self._args else options.pop("query"))
        options |= {"query": query, "with_payload": False, "with_vectors": False}
        exact = {**options, "search_params": models.SearchParams(exact=True)}

        async def points(is_exact: bool) -> Points:
            answer = await self._call(self.collection, **(exact if is_exact else options))
            return list(answer.points)

        async def measured() -> Pair | None:
            both = await both_ways(points)
            return both and Pair(_hits(self.collection, both[0]), _hits(self.collection, both[1]))

        return measured


def _points_of_one(answer: Any) -> Points:
    return list(answer.points)


def _points_of_groups(answer: Any) -> Points:
    return [hit for group in answer.groups for hit in group.hits]


def _points_of_batch(answer: Any) -> Points:
    return [hit for one in answer for hit in one.points]


def _hits(collection: str, points: Points) -> tuple[Hit, ...]:
    return tuple(Hit(cast(int | str, point.id), point.score, {}, collection) for point in points)

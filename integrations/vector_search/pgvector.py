"""Vectors in PostgreSQL, by the extension pgvector (0.8 or newer): a table for each collection, with an HNSW index.

Method of the index: Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical
Navigable Small World graphs", 2016.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

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

ASKED_REASON: Final = "an exact search was asked for"

EF_MAX: Final = 1_000
"""Largest `hnsw.ef_search` that pgvector takes."""
DIMENSIONS_MAX: Final = 2_000
"""Most dimensions that an HNSW index of pgvector's type `vector` takes."""

_OPERATORS: Final[dict[Distance, str]] = {"cosine": "<=>", "dot": "<#>", "euclid": "<->"}
_CLASSES: Final[dict[Distance, str]] = {"cosine": "cosine", "dot": "ip", "euclid": "l2"}
_SCORES: Final[dict[Distance, str]] = {"cosine": "1 - ({})", "dot": "-({})", "euclid": "-({})"}
"""Scores out of the operators' values: all these fall with likeness, also `<#>`, the negative inner product."""

_SCHEMA: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_NO_TABLE, _NO_SCHEMA = "42P01", "3F000"

_WITH_INDEX: Final = (
    "SELECT set_config('hnsw.ef_search', $1, true), set_config('hnsw.iterative_scan', $2, true),"
    " set_config('enable_indexscan', 'on', true), set_config('enable_seqscan', 'off', true),"
    " set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true),"
    " set_config('jit', 'off', true)"
)
_WITHOUT_INDEX: Final = (
    "SELECT set_config('enable_indexscan', 'off', true), set_config('enable_seqscan', 'on', true),"
    " set_config('enable_bitmapscan', 'on', true), set_config('enable_sort', 'on', true),"
    " set_config('jit', 'off', true)"
)
"""Settings for the transaction alone (`SET LOCAL`, in one round trip)."""


class Connection(Protocol):
    """What is used of an `asyncpg.Connection`."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...

    async def fetchrow(self, query: str, *args: Any) -> Any: ...

    async def execute(self, query: str, *args: Any) -> str: ...

    def transaction(self, *, isolation: Any = None, readonly: bool = False) -> AbstractAsyncContextManager[Any]: ...


class Pool(Protocol):
    """What is used of an `asyncpg.Pool`, or of a pool that looks like one."""

    def acquire(self) -> Any:
        """Lend a connection: an asynchronous context manager."""


@dataclass(frozen=True, slots=True)
class Hnsw:
    """How indexes are built and searched.

    Attributes:
        m: links of each point (2 to 100).
        ef_construction: candidates kept while a point is linked in (at least 2 m).
        ef_search: candidates that the index keeps when a search doesn't say; never below its `top_k`.
    """

    m: int = 16
    ef_construction: int = 64
    ef_search: int = 100


class PgVectorStore:
    """A `VectorStore` in PostgreSQL. The pool stays the caller's: who made it closes it.

    The search with the index uses it always, also where the planner would rather read the table, so that `ef_search` is
    true; it never gives more than `ef_search` hits, except with a filter: then the index goes on (in order) until there
    are enough, or it has seen pgvector's `hnsw.max_scan_tuples`. For a filter that few points pass, search exactly.

    Args:
        pool: such as `asyncpg.create_pool` makes.
        schema: PostgreSQL schema for the tables.
    """

    def __init__(self, pool: Pool, schema: str = "tocsin_vectors", hnsw: Hnsw | None = None) -> None:
        if not _SCHEMA.fullmatch(schema):
            raise ValueError(f"expected a schema's name of small letters, digits and _; got {schema[:60]!r}")
        self._pool = pool
        self._schema = schema
        self._hnsw = hnsw or Hnsw()
        self._distances: dict[str, Distance] = {}

    async def create(self, collection: str, dimensions: int, distance: Distance = "cosine") -> None:
        """Make the extension and the schema where they are missing, and the collection with its index."""
        if not 1 <= dimensions <= DIMENSIONS_MAX:
            raise ValueError(f"expected 1 to {DIMENSIONS_MAX} dimensions, got {dimensions}")
        table, hnsw = self._table(collection), self._hnsw
        async with self._pool.acquire() as connection, connection.transaction():
            if await self._is_there(connection, table):  # without asking for rights that nobody needs then
                return
            # Two processes that begin at once would both make what is missing, and one would fail.
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"tocsin {self._schema}")
            await connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self._schema}")
            if await self._is_there(connection, table):
                return
            await connection.execute(
                f"CREATE TABLE {table} (id text PRIMARY KEY, embedding vector({int(dimensions)}) NOT NULL,"
                " payload jsonb NOT NULL)"
            )
            await connection.execute(f"COMMENT ON TABLE {table} IS '{distance}'")
            await connection.execute(
                f"CREATE INDEX ON {table} USING hnsw (embedding vector_{_CLASSES[distance]}_ops)"
                f" WITH (m = {int(hnsw.m)}, ef_construction = {int(hnsw.ef_construction)})"
            )

    async def drop(self, collection: str) -> None:
        """Remove a collection."""
        table = self._table(collection)
        self._distances.pop(collection, None)
        async with self._pool.acquire() as connection:
            if await self._is_there(connection, table):
                await connection.execute(f"DROP TABLE {table}")

    async def upsert(self, collection: str, points: Sequence[Point]) -> None:
        """Put points in, all or none."""
        # One statement can't change a row twice: of points with the same id the last one counts.
        rows = {str(checked_id(point.id)): point for point in points}
        columns = (
            list(rows),
            [_text(point.vector) for point in rows.values()],
            [json.dumps(dict(point.payload)) for point in rows.values()],
        )
        statement = (
            f"INSERT INTO {self._table(collection)} AS old (id, embedding, payload)"  # noqa: S608 - a checked name
            " SELECT id, embedding::vector, payload::jsonb"
            " FROM unnest($1::text[], $2::text[], $3::text[]) AS new (id, embedding, payload)"
            " ON CONFLICT (id) DO UPDATE SET embedding = excluded.embedding, payload = excluded.payload"
        )
        await self._run(collection, statement, *columns)

    async def delete(self, collection: str, ids: Collection[PointId]) -> None:
        """Take points out."""
        wanted = [str(checked_id(id)) for id in ids]
        await self._run(collection, f"DELETE FROM {self._table(collection)} WHERE id = ANY($1::text[])", wanted)  # noqa: S608

    async def count(self, collection: str) -> int:
        """Count the points, exactly."""
        rows = await self._run(collection, f"SELECT count(*) AS points FROM {self._table(collection)}")  # noqa: S608
        return int(rows[0]["points"])

    async def search(self, collection: str, question: Question) -> Found:
        """Find the nearest points, in a transaction of its own."""
        async with self._borrowed(collection) as connection:
            distance = await self._distance(connection, collection)
            async with connection.transaction(readonly=True):
                if question.exact:
                    return Found(await self._exact(connection, collection, distance, question), None, ASKED_REASON)
                return Found(await self._approximate(connection, collection, distance, question), self._ef(question))

    async def search_both_ways(self, collection: str, question: Question) -> Pair | None:
        """Search both ways in one snapshot (`REPEATABLE READ`), in which nobody's changes are seen."""
        async with self._borrowed(collection) as connection:
            distance = await self._distance(connection, collection)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                approximate = await self._approximate(connection, collection, distance, question)
                return Pair(approximate, await self._exact(connection, collection, distance, question))

    async def _approximate(
        self, connection: Connection, collection: str, distance: Distance, question: Question
    ) -> tuple[Hit, ...]:
        # An iterative scan finds more candidates when a filter has thrown too many away; without a filter it would
        # search on beyond ef_search, which then wouldn't be what it is.
        iterative = "strict_order" if question.filter else "off"
        await connection.fetchrow(_WITH_INDEX, str(self._ef(question)), iterative)
        return await self._nearest(connection, collection, distance, question, "/* index */")

    async def _exact(
        self, connection: Connection, collection: str, distance: Distance, question: Question
    ) -> tuple[Hit, ...]:
        await connection.fetchrow(_WITHOUT_INDEX)
        # Another text: asyncpg keeps prepared statements by their text, and with them their plans.
        return await self._nearest(connection, collection, distance, question, "/* exact */")

    async def _nearest(
        self, connection: Connection, collection: str, distance: Distance, question: Question, mark: str
    ) -> tuple[Hit, ...]:
        operation = f"embedding {_OPERATORS[distance]} $1::text::vector"
        where, values = _where(question.filter or {}, first=3)
        rows = await connection.fetch(
            f"{mark} SELECT id, {_SCORES[distance].format(operation)} AS score, payload::text AS payload"  # noqa: S608
            f" FROM {self._table(collection)}{where} ORDER BY {operation} LIMIT $2",
            _text(question.vector),
            question.top_k,
            *values,
        )
        return tuple(Hit(_id(row["id"]), row["score"], json.loads(row["payload"]), collection) for row in rows)

    def _ef(self, question: Question) -> int:
        return min(question.ef_search or max(self._hnsw.ef_search, question.top_k), EF_MAX)

    def _table(self, collection: str) -> str:
        return f'{self._schema}."{checked_collection(collection)}"'

    async def _is_there(self, connection: Connection, table: str) -> bool:
        return bool(await connection.fetchrow("SELECT 1 WHERE to_regclass($1) IS NOT NULL", table))

    async def _distance(self, connection: Connection, collection: str) -> Distance:
        """Look up by what a collection's vectors are compared; it never changes while the collection is there."""
        known = self._distances.get(collection)
        if known is None:
            row = await connection.fetchrow(
                "SELECT obj_description(to_regclass($1), 'pg_class') AS distance", self._table(collection)
            )
            if row["distance"] not in _OPERATORS:
                raise UnknownCollection(collection)
            known = self._distances[collection] = cast(Distance, row["distance"])
        return known

    async def _run(self, collection: str, statement: str, *values: Any) -> list[Any]:
        async with self._borrowed(collection) as connection:
            return await connection.fetch(statement, *values)

    @asynccontextmanager
    async def _borrowed(self, collection: str) -> AsyncIterator[Connection]:
        try:
            async with self._pool.acquire() as connection:
                yield connection
        except Exception as error:
            if getattr(error, "sqlstate", "") in (_NO_TABLE, _NO_SCHEMA):
                self._distances.pop(collection, None)
                raise UnknownCollection(collection) from error
            raise


def _where(filter: Filter, first: int) -> tuple[str, list[Any]]:
    """Write a filter's condition with numbered parameters from `first` on, and give their values."""
    clauses: list[str] = []
    values: list[Any] = []
    for name, wanted in wanted_values(filter):
        number = first + len(values)
        # An array contains its elements, and a scalar itself.
        clauses.append(f"payload -> ${number}::text @> ANY(${number + 1}::text[]::jsonb[])")
        values += [name, [json.dumps(value) for value in wanted]]
    return (f" WHERE {' AND '.join(clauses)}" if clauses else ""), values


def _text(vector: Sequence[float]) -> str:
    return "[" + ",".join(map(repr, map(float, vector))) + "]"


def _id(text: str) -> PointId:
    return int(text) if text.isdecimal() else text

"""Vectors in PostgreSQL, by the extension pgvector (0.8 or newer): one table with an HNSW index.

Method of the index: Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical
Navigable Small World graphs", 2016.
"""

from __future__ import annotations

import re
from typing import Any, Final

from integrations.rag_trainer.library.sqlite import normal
from integrations.rag_trainer.ports import EVERYWHERE, Document, Filter, Hit, Vector, WrongModel
from integrations.rag_trainer.results import Chunks
from integrations.rag_trainer.vectors.postgres import Connection, Session

BATCH: Final = 64
"""Rows of one statement, so that its time doesn't grow with the document."""
INDEXED_DIMENSIONS: Final = 2_000
"""Most dimensions that an HNSW index of pgvector's type `vector` takes."""
MOST_DIMENSIONS: Final = 16_000
"""Most dimensions of pgvector's type `vector`."""
EXACTLY: Final = 10_000
"""Points up to which those that a filter lets through are compared one by one; there the index could miss some."""
_EF: Final = 200
_EF_MOST: Final = 1_000
_OLDEST: Final = (0, 8)

_SCHEMA: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_COLUMNS: Final = ("document", "type", "subtype", "designation", "language")


class PgVectors:
    """Points in the table `points` of a schema, which is made at the first document. A point's id is its chunk's.

    A document is replaced and removed in one transaction. Without a filter, and with one that lets more than 10,000
    points through, the index is asked, which may miss some; any other search is exact, and so is each one over vectors
    of more than 2,000 dimensions, which pgvector can't index.

    Nothing is connected before the first use, so questions are answered by words while the server is away.

    Args:
        dsn: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`.
        schema: PostgreSQL schema for the table, made when it isn't there; small letters, digits and `_`.
        timeout: seconds for connecting, and for each statement.

    Raises:
        ValueError: an argument isn't one.
        StoreFailed: by every method: PostgreSQL can't be reached, refuses, or is too slow.
    """

    def __init__(self, dsn: str, schema: str = "tocsin_documents", timeout: float = 30.0) -> None:
        if not _SCHEMA.fullmatch(schema):
            raise ValueError(f"expected pgvector_schema of small letters, digits and _, got {schema[:60]!r}")
        self._schema = schema
        self._table = f"{schema}.points"
        self._session = Session(dsn, timeout)

    @property
    def name(self) -> str:
        """For reports."""
        return "pgvector"

    def replace(self, document: Document, chunks: Chunks) -> int:
        """Have exactly these points for a document; return how many others it had that are gone.

        Raises:
            WrongModel: the table has vectors of another length or model.
            ValueError: they are too long for pgvector, or pgvector is too old.
        """

        async def work(connection: Connection) -> int:
            async with connection.transaction():
                await self._prepare(connection, normal(document.name), chunks)
                return await self._write(connection, document, chunks)

        return self._session.run(work)

    def remove(self, name: str) -> int:
        """Take a document's points out; return how many there were."""

        async def work(connection: Connection) -> int:
            if await self._dimensions(connection) is None:
                return 0
            gone = await connection.fetch(f"DELETE FROM {self._table} WHERE document = $1 RETURNING 1", normal(name))  # noqa: S608
            return len(gone)

        return self._session.run(work)

    def count(self) -> int:
        """Count the points."""

        async def work(connection: Connection) -> int:
            if await self._dimensions(connection) is None:
                return 0
            return int(await connection.fetchval(f"SELECT count(*) FROM {self._table}"))  # noqa: S608

        return self._session.run(work)

    def nearest(self, vector: Vector, k: int, filter: Filter = EVERYWHERE) -> list[Hit]:
        """Find the nearest chunks, best first; the score is the cosine.

        Raises:
            WrongModel: the question's vector has another length.
        """

        async def work(connection: Connection) -> list[Hit]:
            there = await self._dimensions(connection)
            if there is None:
                return []
            if there != len(vector):
                raise WrongModel(
                    f"expected a question of {there} dimensions, as the pgvector table has, got {len(vector)}; "
                    "ask with the model that the library was trained with"
                )
            async with connection.transaction(readonly=True):
                return await self._search(connection, vector.tolist(), k, filter)

        return self._session.run(work) if k > 0 else []

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    async def _search(self, connection: Connection, vector: list[float], k: int, filter: Filter) -> list[Hit]:
        where, values = _condition(filter, first=3)
        exact = k > _EF_MOST or (bool(where) and await self._few(connection, filter))
        # For this transaction alone. An ordered scan of the index goes on until there are enough that the filter lets
        # through; without sequential scans, the planner can't take a small table for faster without it.
        await connection.execute(
            "SELECT set_config('enable_indexscan', $1, true), set_config('enable_seqscan', $2, true),"
            " set_config('hnsw.ef_search', $3, true), set_config('hnsw.iterative_scan', 'strict_order', true)",
            *(("off", "on") if exact else ("on", "off")),
            str(min(_EF_MOST, max(_EF, k))),
        )
        rows = await connection.fetch(
            f"SELECT id::text, 1 - (embedding <=> $1::real[]::vector) AS score FROM {self._table} {where}"  # noqa: S608
            " ORDER BY embedding <=> $1::real[]::vector LIMIT $2",
            vector,
            k,
            *values,
        )
        return sorted((Hit(row["id"], row["score"]) for row in rows), key=lambda hit: (-hit.score, hit.id))

    async def _few(self, connection: Connection, filter: Filter) -> bool:
        """Whether a filter lets so few points through that all of them can be compared."""
        where, values = _condition(filter, first=1)
        some = f"SELECT 1 FROM {self._table} {where} LIMIT {EXACTLY + 1}"  # noqa: S608
        return bool(await connection.fetchval(f"SELECT count(*) <= {EXACTLY} FROM ({some}) AS points", *values))  # noqa: S608

    async def _write(self, connection: Connection, document: Document, chunks: Chunks) -> int:
        name = normal(document.name)
        ids = [chunk.id for chunk in chunks.chunks]
        gone = await connection.fetch(
            f"DELETE FROM {self._table} WHERE document = $1 AND id != ALL($2::uuid[]) RETURNING 1",  # noqa: S608
            name,
            ids,
        )
        values = (name, document.type, document.subtype, document.designation, document.language, chunks.model)
        rows = [(id, row, *values) for id, row in zip(ids, chunks.matrix().tolist(), strict=True)]
        for at in range(0, len(rows), BATCH):
            await connection.executemany(
                # What is there as it should be isn't written again: each write is another entry of the index.
                f"INSERT INTO {self._table} AS old (id, embedding, {', '.join(_COLUMNS)}, model)"  # noqa: S608
                " VALUES ($1, $2::real[]::vector, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET"
                f" (embedding, {', '.join(_COLUMNS)}, model) = ROW (excluded.embedding,"
                f" {', '.join(f'excluded.{column}' for column in _COLUMNS)}, excluded.model)"
                " WHERE old IS DISTINCT FROM excluded",
                rows[at : at + BATCH],
            )
        return len(gone)

    async def _prepare(self, connection: Connection, name: str, chunks: Chunks) -> None:
        """Make the table, or look whether a document's vectors fit those of the others."""
        # One writer at a time: two that begin at once would both make what is missing, or mix two models.
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"tocsin {self._schema}")
        there = await self._dimensions(connection)
        if there is not None:
            other = await connection.fetchrow(
                f"SELECT model FROM {self._table} WHERE document != $1 AND (model != $2 OR $3) LIMIT 1",  # noqa: S608
                name,
                chunks.model,
                there != chunks.dimensions,
            )
            if other is not None:
                raise WrongModel(
                    f"expected vectors of {other['model']} with {there} dimensions, as the pgvector table has, got "
                    f"those of {chunks.model} with {chunks.dimensions}; set embedding.model back, or pgvector_schema "
                    "to a new name"
                )
            if there == chunks.dimensions:
                return
            # Only this document's own vectors are there, and they are about to go.
            await connection.execute(f"DROP TABLE {self._table}")
        await self._create(connection, chunks.dimensions)

    async def _create(self, connection: Connection, dimensions: int) -> None:
        if dimensions > MOST_DIMENSIONS:
            raise ValueError(
                f"expected vectors of at most {MOST_DIMENSIONS} dimensions, which is what pgvector holds, got "
                f"{dimensions}; set embedding.dimensions, or leave pgvector out"
            )
        version = await connection.fetchval("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        if version is None:
            await connection.execute("CREATE EXTENSION vector")
        elif tuple(map(int, version.split(".")[:2])) < _OLDEST:
            raise ValueError(f"expected pgvector 0.8 or newer, got {version}; run ALTER EXTENSION vector UPDATE")
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self._schema}")
        await connection.execute(
            f"CREATE TABLE {self._table} (id uuid PRIMARY KEY, embedding vector({int(dimensions)}) NOT NULL,"
            " document text NOT NULL, type text NOT NULL, subtype text NOT NULL, designation text,"
            " language text NOT NULL, model text NOT NULL)"
        )
        await connection.execute(f"CREATE INDEX ON {self._table} (document)")
        if dimensions <= INDEXED_DIMENSIONS:
            await connection.execute(f"CREATE INDEX ON {self._table} USING hnsw (embedding vector_cosine_ops)")

    async def _dimensions(self, connection: Connection) -> int | None:
        """Return the length of the table's vectors; `None`: there is no table yet."""
        found: int | None = await connection.fetchval(
            "SELECT atttypmod FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'embedding'",
            self._table,
        )
        return found


def _condition(filter: Filter, first: int) -> tuple[str, list[Any]]:
    """Write a filter with numbered parameters from `first` on, and give their values."""
    wanted = (tuple(map(normal, filter.names)), filter.types, filter.subtypes, filter.designations, filter.languages)
    used = [(column, list(values)) for column, values in zip(_COLUMNS, wanted, strict=True) if values]
    clauses = [f"{column} = ANY(${number}::text[])" for number, (column, _) in enumerate(used, start=first)]
    return (f"WHERE {' AND '.join(clauses)}" if clauses else ""), [values for _, values in used]

"""Vectors in the agents' own PostgreSQL, by the extension pgvector (0.8 or newer): one table for each embedding model.

Numbers have 16 bits (`halfvec`): half the memory, an error below 0.001 in the cosine, and an index for up to 4,000
dimensions. Whose a vector is says the statement's filter and, once more, Row-Level Security.

Method of the index: Y. Malkov, D. Yashunin, "Efficient and robust approximate nearest neighbor search using
Hierarchical Navigable Small World graphs", 2016.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Float,
    MetaData,
    Select,
    Table,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.ports import IndexUnavailable, Tenant, VectorHit
from agents.store.database import Database
from channels.errors import ReplyError

TABLES: Final = "memory_vectors_"
"""How the names of all tables of vectors begin."""
EXACTLY: Final = 2_000
"""Vectors of a tenant up to which all are compared. That is exact, and takes some milliseconds."""
SHARE: Final = 0.02
"""Part of all vectors up to which a tenant's are compared as well: a scan of everybody's index would pass 50 others for
each of its own."""
EXACTLY_MOST: Final = 20_000
"""Vectors beyond which none are compared, however small a part they are."""
INDEXED_DIMENSIONS: Final = 4_000
"""Most dimensions that an HNSW index of `halfvec` takes."""
MOST_DIMENSIONS: Final = 16_000
"""Most dimensions of `halfvec`."""
_EF: Final = 120
"""Candidates that a scan of the index keeps (`hnsw.ef_search`): the least with which more than 0.95 of what is nearest
is found, as `benchmarks.agent_memory` measures it."""
_EF_MOST: Final = 1_000
_OLDEST: Final = (0, 8)
_LOCK: Final = "tocsin vectors of memories"


class PgVectorIndex:
    """The vectors of one model.

    Args:
        model: name of the embedding model.
        dimensions: length of its vectors.
        exactly, share: vectors of a tenant up to which all are compared, and as a part of everybody's; above both the
            index is asked, which may miss some.

    Raises:
        ValueError: pgvector has no vectors of that length.
    """

    def __init__(
        self, database: Database, model: str, dimensions: int, exactly: int = EXACTLY, share: float = SHARE
    ) -> None:
        if not 0 < dimensions <= MOST_DIMENSIONS:
            raise ValueError(f"expected vectors of 1 to {MOST_DIMENSIONS} dimensions for pgvector, got {dimensions}")
        self._database = database
        self._model = model
        self._dimensions = dimensions
        self._exactly = exactly
        self._share = share
        self.table: Final = table_of(model, dimensions)

    async def prepare(self) -> None:
        """Make the extension, the table, its index and its policy, where they aren't there."""
        async with self._system() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": _LOCK})
            await _extend(connection)
            name = self.table.name
            if await connection.scalar(text("SELECT to_regclass(:name) IS NOT NULL"), {"name": name}):
                return
            await connection.run_sync(self.table.create)
            for statement in self._statements(connection):
                await connection.execute(text(statement))

    async def put(self, tenant: Tenant, vectors: Mapping[UUID, Sequence[float]]) -> None:
        """Store or replace vectors, in one transaction."""
        if not vectors:
            return
        given = cast(bindparam("vector", type_=ARRAY(REAL)), HALFVEC(self._dimensions))
        values = {
            "user_id": tenant.user,
            "agent_id": tenant.agent,
            "memory_id": bindparam("memory"),
            "embedding": given,
        }
        fresh = insert(self.table).values(values)
        key = list(self.table.primary_key)
        rows = [{"memory": memory, "vector": list(vector)} for memory, vector in vectors.items()]
        replacing = fresh.on_conflict_do_update(index_elements=key, set_={"embedding": fresh.excluded.embedding})
        async with self._of(tenant) as connection:
            await connection.execute(replacing, rows)

    async def search(
        self, tenant: Tenant, vector: Sequence[float], limit: int, among: Sequence[UUID] | None = None
    ) -> list[VectorHit]:
        """Find the nearest, best first. Exact where a tenant has few vectors, and with `among`."""
        if limit < 1 or (among is not None and not among):
            return []
        own = self._own(tenant)
        if among is not None:
            own = and_(own, self.table.c.memory_id == func.any(cast(list(among), ARRAY(Uuid))))
        exact = true() if among is not None or limit > _EF_MOST else self._has_few(tenant)
        async with self._of(tenant) as connection:
            await connection.execute(_plan(exact, max(_EF, limit)))
            rows = await connection.execute(self._nearest(own, limit), {"vector": list(vector)})
            return [VectorHit(row.memory_id, float(row.score)) for row in rows]

    async def remove(self, tenant: Tenant, memory_ids: Sequence[UUID]) -> None:
        """Remove vectors."""
        ids = func.any(cast(list(memory_ids), ARRAY(Uuid)))
        async with self._of(tenant) as connection:
            await connection.execute(delete(self.table).where(self._own(tenant), self.table.c.memory_id == ids))

    async def clear(self, tenant: Tenant) -> None:
        """Remove everything of a tenant."""
        async with self._of(tenant) as connection:
            await connection.execute(delete(self.table).where(self._own(tenant)))

    async def count(self, tenant: Tenant) -> int:
        """Count a tenant's vectors."""
        async with self._of(tenant) as connection:
            counted = select(func.count()).select_from(self.table).where(self._own(tenant))
            return int(await connection.scalar(counted) or 0)

    async def retire(self) -> None:
        """Drop the tables of all other models."""
        named = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema AND starts_with(tablename, :begin)")
        found = {"schema": self._database.options.schema, "begin": TABLES}
        async with self._system() as connection:
            quote = connection.dialect.identifier_preparer.quote
            for name in (await connection.scalars(named, found)).all():
                if name != self.table.name:
                    await connection.execute(text(f"DROP TABLE {quote(name)}"))

    async def close(self) -> None:
        """Nothing is held: connections are the database's."""

    def _own(self, tenant: Tenant) -> ColumnElement[bool]:
        """The filter that each statement has."""
        return and_(self.table.c.user_id == tenant.user, self.table.c.agent_id == tenant.agent)

    def _nearest(self, own: ColumnElement[bool], limit: int) -> Select[Any]:
        asked = cast(bindparam("vector", type_=ARRAY(REAL)), HALFVEC(self._dimensions))
        distance = self.table.c.embedding.op("<=>", return_type=Float)(asked)
        score = (1 - distance).label("score")
        return select(self.table.c.memory_id, score).where(own).order_by(distance).limit(limit)

    def _has_few(self, tenant: Tenant) -> ColumnElement[bool]:
        """Whether comparing all of a tenant's vectors is cheaper than scanning the index for them: when there are
        only so many. No more than these are counted."""
        # As of the last ANALYZE: near enough, and no count of millions.
        counted = text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:table)")
        everything = counted.bindparams(table=self.table.name).columns(reltuples=Float).scalar_subquery()
        part = func.least(EXACTLY_MOST, everything * self._share)
        most = cast(func.greatest(self._exactly, part), BigInteger)
        return ~select(self.table.c.memory_id).where(self._own(tenant)).offset(most).exists()

    def _statements(self, connection: AsyncConnection) -> list[str]:
        quote = connection.dialect.identifier_preparer.quote
        name, role = self.table.name, quote(self._database.options.role)
        model = self._model.replace("'", "''").replace(":", r"\:")
        found = [
            f"COMMENT ON TABLE {name} IS '{model}'",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {role}",
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY members ON {name} TO {role} "
            "USING (user_id = nullif(current_setting('tocsin.user_id', true), '')::uuid)",
            # A vector stays in its row, where comparing finds it at once.
            f"ALTER TABLE {name} ALTER embedding SET STORAGE PLAIN",
        ]
        if self._dimensions <= INDEXED_DIMENSIONS:
            found.append(f"CREATE INDEX {name}_hnsw_idx ON {name} USING hnsw (embedding halfvec_cosine_ops)")
        return found

    @asynccontextmanager
    async def _of(self, tenant: Tenant) -> AsyncIterator[AsyncConnection]:
        async with _told(), self._database.of_user(tenant.user) as connection:
            yield connection

    @asynccontextmanager
    async def _system(self) -> AsyncIterator[AsyncConnection]:
        async with _told(), self._database.of_system() as connection:
            yield connection


def table_of(model: str, dimensions: int) -> Table:
    """Describe the table of a model's vectors."""
    digest = hashlib.sha256(f"{model}/{dimensions}".encode()).hexdigest()[:12]
    return Table(
        f"{TABLES}{digest}",
        MetaData(),
        Column("user_id", Uuid, primary_key=True),
        Column("agent_id", Uuid, primary_key=True),
        Column("memory_id", Uuid, primary_key=True),
        Column("embedding", HALFVEC(dimensions), nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )


@asynccontextmanager
async def _told() -> AsyncIterator[None]:
    try:
        yield
    except ReplyError as error:
        raise IndexUnavailable(error.message) from error
    except DBAPIError as error:
        # The class alone: a message may have values of rows.
        cause = type(getattr(error.orig, "__cause__", None) or error.orig).__name__
        raise IndexUnavailable(f"the database refused a statement about vectors ({cause})") from error


async def _extend(connection: AsyncConnection) -> None:
    there = "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
    version = await connection.scalar(text(there))
    if version is None:
        if not await connection.scalar(text("SELECT true FROM pg_available_extensions WHERE name = 'vector'")):
            raise IndexUnavailable(
                "the database server has no pgvector: install it there, or set agents.vectors.store: qdrant"
            )
        try:
            async with connection.begin_nested():
                await connection.execute(text("CREATE EXTENSION vector SCHEMA public"))
        except DBAPIError as error:
            raise IndexUnavailable(
                "the hub's database user may not make the extension pgvector; have somebody who may run: "
                "CREATE EXTENSION vector SCHEMA public"
            ) from error
        version = await connection.scalar(text(there))
    if tuple(map(int, str(version).split(".")[:2])) < _OLDEST:
        raise IndexUnavailable(f"expected pgvector 0.8 or newer, got {version}: run ALTER EXTENSION vector UPDATE")


def _plan(exact: ColumnElement[bool], ef: int) -> Select[Any]:
    """Choose, for this transaction, between comparing all and the index: the planner can't know how few a tenant has.

    The index is scanned in order until there are enough that the filter lets through.
    """
    chosen = select(exact.label("exact")).offset(0).subquery()
    compares = {"enable_indexscan": False, "enable_bitmapscan": True, "enable_sort": True}
    settings: dict[str, Any] = {
        name: case((chosen.c.exact == when, "on"), else_="off") for name, when in compares.items()
    }
    settings |= {
        "enable_seqscan": "off",
        # Or the plan of earlier executions is taken, which was made with other settings.
        "plan_cache_mode": "force_custom_plan",
        "hnsw.ef_search": str(min(_EF_MOST, ef)),
        "hnsw.iterative_scan": "strict_order",
    }
    return select(*(func.set_config(name, value, True) for name, value in settings.items())).select_from(chosen)

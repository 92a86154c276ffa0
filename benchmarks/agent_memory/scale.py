"""How fast vectors are found in PostgreSQL, and how many of the right ones, among many."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

import asyncpg
import numpy as np
from sqlalchemy import text

from agents.memory.pgvector import PgVectorIndex
from agents.ports import Tenant
from agents.store.database import Database

FOUND: Final = 10
AT_LIMIT: Final = 10_000
"""Vectors of an agent that remembers as much as it may by default."""
FEW: Final = 10
BUDGET_MS: Final = 50.0
"""What a search may take, at its 95th percentile."""
RECALL: Final = 0.95
"""Part of what is nearest that is to be found."""
_BATCH: Final = 500
_CLUSTERS: Final = 200
_SPREAD: Final = 0.7

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Speed:
    """Searches of one agent.

    Attributes:
        own: the agent's vectors.
        all: those in the table.
        p50, p95: milliseconds of a search.
        recall: part of the ten nearest, as comparing all finds them, that are found.
        give: by how much the recall of other questions of this kind may differ, at 95 % confidence.
    """

    way: str
    own: int
    all: int
    p50: float
    p95: float
    recall: float
    give: float = 0.0

    @property
    def within(self) -> bool:
        """Tell whether it is fast enough, and surely finds enough."""
        return self.p95 < BUDGET_MS and self.recall - self.give >= RECALL


def clustered(count: int, dimensions: int, seed: int) -> Matrix:
    """Make vectors of length 1 around common centres, as texts about common subjects have them."""
    centres = np.random.default_rng(0).normal(size=(_CLUSTERS, dimensions))
    chance = np.random.default_rng(seed)
    rows = centres[chance.integers(_CLUSTERS, size=count)] + _SPREAD * chance.normal(size=(count, dimensions))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


async def measure(database: Database, vectors: int, dimensions: int, searches: int) -> list[Speed]:
    """Fill a table, index it, and search in it as three agents: with all of `vectors`, at the limit, with a few."""
    compared = PgVectorIndex(database, "scale", dimensions, exactly=vectors)
    indexed = PgVectorIndex(database, "scale", dimensions, exactly=0, share=0.0)
    usual = PgVectorIndex(database, "scale", dimensions)
    await compared.prepare()
    own = {Tenant(uuid4(), uuid4()): size for size in (vectors, AT_LIMIT, FEW)}
    await _fill(database, compared, own, dimensions)
    biggest, at_limit, few = own
    asked = clustered(searches, dimensions, seed=99).tolist()
    total = sum(own.values())
    right: dict[Tenant, list[set[UUID]]] = {}
    found = []
    for way, index, tenant in (
        ("all compared", compared, biggest),
        ("HNSW index", indexed, biggest),
        ("as configured, at the limit", usual, at_limit),
        ("as configured, few", usual, few),
    ):
        if tenant not in right:
            right[tenant] = [{hit.memory_id for hit in await compared.search(tenant, one, FOUND)} for one in asked]
        times, recalls = await _searched(index, tenant, asked, right[tenant])
        p50, p95 = np.percentile(times, (50, 95)).tolist()
        give = 1.96 * float(np.std(recalls)) / len(recalls) ** 0.5
        found.append(Speed(way, own[tenant], total, p50, p95, sum(recalls) / len(recalls), give))
    return found


async def _searched(
    index: PgVectorIndex, tenant: Tenant, asked: Sequence[Sequence[float]], right: Sequence[set[UUID]]
) -> tuple[list[float], list[float]]:
    times, recalls = [], []
    for vector, expected in zip(asked, right, strict=True):
        began = time.perf_counter()
        hits = await index.search(tenant, vector, FOUND)
        times.append(1_000 * (time.perf_counter() - began))
        recalls.append(len(expected & {hit.memory_id for hit in hits}) / len(expected))
    return times, recalls


async def _fill(database: Database, index: PgVectorIndex, own: Mapping[Tenant, int], dimensions: int) -> None:
    """Copy all vectors in, and index them at the end: row by row that takes ten times as long."""
    table, schema = index.table.name, database.options.schema
    async with database.of_system() as connection:
        await connection.execute(text(f"DROP INDEX {table}_hnsw_idx"))
    direct = await asyncpg.connect(database.options.dsn)
    for seed, (tenant, size) in enumerate(own.items(), start=1):
        columns = ["user_id", "agent_id", "memory_id", "embedding"]
        source = copied(tenant, clustered(size, dimensions, seed))
        await direct.copy_to_table(table, source=source, schema_name=schema, columns=columns, format="binary")
    await direct.close()
    async with database.of_system() as connection:
        await connection.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
        await connection.execute(
            text(f"CREATE INDEX {table}_hnsw_idx ON {table} USING hnsw (embedding halfvec_cosine_ops)")
        )
        await connection.execute(text(f"ANALYZE {table}"))


async def copied(tenant: Tenant, vectors: Matrix) -> AsyncIterator[bytes]:
    """Write rows as PostgreSQL's COPY reads them in binary: each field behind its length, a `halfvec` as its
    dimensions, a zero, and numbers of 16 bits."""
    count, dimensions = vectors.shape
    layout = [("fields", ">i2")]
    for name in ("user", "agent", "memory"):
        layout += [(f"{name}_length", ">i4"), (name, "V16")]
    shape = [*layout, ("length", ">i4"), ("dimensions", ">i2"), ("zero", ">i2"), ("numbers", ">f2", (dimensions,))]
    rows = np.zeros(count, np.dtype(shape))
    rows["fields"] = 4
    rows["user_length"] = rows["agent_length"] = rows["memory_length"] = 16
    rows["user"], rows["agent"] = np.void(tenant.user.bytes), np.void(tenant.agent.bytes)
    rows["memory"] = [np.void(uuid4().bytes) for _ in range(count)]
    rows["length"], rows["dimensions"] = 4 + 2 * dimensions, dimensions
    rows["numbers"] = vectors
    yield b"PGCOPY\n\xff\r\n\0" + bytes(8)
    for at in range(0, count, _BATCH):
        yield rows[at : at + _BATCH].tobytes()
    yield b"\xff\xff"

"""Works in the background: gives memories their vectors, and takes away those of memories that are gone.

A memory is stored at once, without a vector; no vector is ever made up. What fails is tried again, later each time. Any
number of processes may work at once: each takes rows that no other one has.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import structlog
from sqlalchemy import Float, Row, and_, cast, delete, func, not_, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.memory.measures import Measures
from agents.memory.options import MemoryOptions
from agents.memory.vectors import Pair, Vectors
from agents.ports import EmbeddingFailed, IndexUnavailable, Tenant
from agents.store.columns import is_one_of
from agents.store.database import Database
from agents.store.tables import memories, vector_removals
from channels.errors import ReplyError

log = structlog.get_logger(__name__)

REMOVED: Final = 500
"""Vectors that are removed at once."""
MARKED: Final = 2_000
"""Memories of another model that are marked at once."""
COUNTED: Final = 60.0
"""Seconds between two counts, at least."""
COUNTING: Final = 0.001
"""Part of the time that may go into counting vectors, which reads an index of all: with many it is done less often."""
ALONE: Final = 3
"""Failures after which a memory is embedded by itself: it may be the one that the model doesn't take."""
_MOST_ATTEMPTS: Final = 1_000

_pending: Final = is_one_of(memories.c.embedding_state, ("pending",))
_model: Final = func.coalesce(memories.c.embedding_model, text("''"))


class MemoryWorker:
    """One process' part of the work.

    Args:
        vectors: `None`: there is no model; then it only counts.
    """

    def __init__(self, database: Database, vectors: Vectors | None, options: MemoryOptions, measures: Measures) -> None:
        self._database = database
        self._vectors = vectors
        self._options = options
        self._measures = measures
        self._task: asyncio.Task[None] | None = None
        self._something = asyncio.Event()
        self._moved = False
        self._trouble = ""
        self._count_at = self._count_all_at = 0.0

    def start(self) -> None:
        """Begin to work. The database may be away."""
        self._task = asyncio.create_task(self._run(), name="memories are embedded")

    async def stop(self) -> None:
        """End. What it was at is taken up by another process, or after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._vectors is not None:
            await self._vectors.close()

    def wake(self) -> None:
        """Say that there is something to do."""
        self._something.set()

    async def work(self) -> bool:
        """Do one piece of all that is due; tell whether more may be.

        Raises:
            EmbeddingFailed: the model gave none; what it was to embed is tried again later.
            IndexUnavailable: the index can't be reached; likewise.
            ReplyError: `unavailable`: the database is away.
        """
        if self._vectors is None:
            return False
        pair = await self._vectors.pair()
        removed = await self._remove(pair)
        embedded = await self._embed(pair)
        return removed or embedded

    async def keep_up(self) -> None:
        """Look for what nobody has said: memories of another model, or of a time without one. Count.

        Raises:
            EmbeddingFailed, IndexUnavailable, ReplyError: as `work`.
        """
        if self._vectors is not None:
            pair = await self._vectors.pair()
            while moved := await self._mark(pair.embedder.model):
                self._moved = True
                if moved < MARKED:
                    break
            if self._moved and not await self._any_left(pair.embedder.model):
                await pair.index.retire()
                self._moved = False
        if time.monotonic() >= self._count_at:
            self._count_at = time.monotonic() + COUNTED
            await self._count()

    async def _run(self) -> None:
        pause = self._options.retry
        while True:
            self._something.clear()
            try:
                await self.keep_up()
                while await self.work():
                    pass
            except (EmbeddingFailed, IndexUnavailable, ReplyError) as error:
                self._told(error)
            except Exception:
                log.exception("memories can't be embedded")
            else:
                self._trouble = ""
                pause = self._options.retry
                await self._wait()
                continue
            await asyncio.sleep(pause)
            pause = min(self._options.upkeep, 2 * pause)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._options.upkeep):
                await self._something.wait()
        except TimeoutError:
            pass

    def _told(self, error: Exception) -> None:
        """Log a trouble once, however long it lasts."""
        self._measures.failures["index" if isinstance(error, IndexUnavailable) else "embedding"] += 1
        if str(error) != self._trouble:
            self._trouble = str(error)
            log.warning("memories wait for their vectors", reason=self._trouble)

    # Vectors of memories that are gone.

    async def _remove(self, pair: Pair) -> bool:
        due = (
            select(vector_removals)
            .where(vector_removals.c.next_at <= func.now())
            .order_by(vector_removals.c.next_at)
            .limit(REMOVED)
            .with_for_update(skip_locked=True)
        )
        async with self._database.of_system() as connection:
            rows = (await connection.execute(due)).all()
            by_tenant: dict[Tenant, list[Any]] = defaultdict(list)
            for row in rows:
                by_tenant[Tenant(row.owner_id, row.agent_id)].append(row.memory_id)
            for tenant, ids in by_tenant.items():
                try:
                    await pair.index.remove(tenant, ids)
                except IndexUnavailable:
                    self._measures.failures["index"] += 1
                    later = func.now() + _seconds(self._options.retry_most / 10)
                    own = vector_removals.c.memory_id.in_(ids)
                    await connection.execute(update(vector_removals).where(own).values(next_at=later))
                else:
                    self._measures.removed += len(ids)
                    await connection.execute(delete(vector_removals).where(vector_removals.c.memory_id.in_(ids)))
        return len(rows) == REMOVED

    # Vectors that are missing.

    async def _embed(self, pair: Pair) -> bool:
        async with self._database.of_system() as connection:
            rows = await self._claim(connection)
        if not rows:
            return False
        try:
            vectors = await pair.embedder.embed([row.text for row in rows])
            await self._store(pair, rows, vectors)
        except (EmbeddingFailed, IndexUnavailable):
            await self._put_off(rows)
            raise
        return True

    async def _claim(self, connection: AsyncConnection) -> Sequence[Row[Any]]:
        """Take memories that are due. The lease lets others take them when this process dies."""
        # While the vector of a memory that was there before under this id is to be removed, a new one would go with it.
        removal = select(vector_removals.c.memory_id).where(vector_removals.c.memory_id == memories.c.id).exists()
        due = (
            select(memories.c.id, memories.c.embedding_attempts)
            .where(_pending, memories.c.embedding_next_at <= func.now(), ~removal)
            .order_by(memories.c.embedding_next_at)
            .limit(self._options.batch)
            .with_for_update(skip_locked=True)
        )
        found = (await connection.execute(due)).all()
        if not found:
            return []
        alone = found[0].embedding_attempts >= ALONE
        ids = [row.id for row in found if not alone and row.embedding_attempts < ALONE] or [found[0].id]
        attempts = func.least(memories.c.embedding_attempts + 1, _MOST_ATTEMPTS)
        taken = (
            update(memories)
            .where(memories.c.id.in_(ids))
            .values(embedding_attempts=attempts, embedding_next_at=func.now() + _seconds(self._options.lease))
            .returning(memories.c.id, memories.c.user_id, memories.c.agent_id, memories.c.text)
        )
        return (await connection.execute(taken)).all()

    async def _store(self, pair: Pair, rows: Sequence[Row[Any]], vectors: Sequence[Sequence[float]]) -> None:
        """Store vectors, and say so. Rows stay locked in between: what is deleted or changed meanwhile waits, and is
        either seen here or leads to a removal or another vector."""
        made = {row.id: (row, vector) for row, vector in zip(rows, vectors, strict=True)}
        still = select(memories.c.id, memories.c.text).where(memories.c.id.in_(made), _pending)
        async with self._database.of_system() as connection:
            there = (await connection.execute(still.with_for_update())).all()
            by_tenant: dict[Tenant, dict[Any, Sequence[float]]] = defaultdict(dict)
            for id, current in there:
                row, vector = made[id]
                if row.text == current:
                    by_tenant[Tenant(row.user_id, row.agent_id)][id] = vector
            for tenant, some in by_tenant.items():
                await pair.index.put(tenant, some)
                await connection.execute(
                    update(memories)
                    .where(memories.c.id.in_(some))
                    .values(
                        embedding_state="stored",
                        embedding_model=pair.embedder.model,
                        embedding_attempts=0,
                        embedding_next_at=None,
                    )
                )
                self._measures.embedded += len(some)

    async def _put_off(self, rows: Sequence[Row[Any]]) -> None:
        """Let them be tried again, after a time that grows with their attempts."""
        first, most = self._options.retry, self._options.retry_most
        wait = func.least(first * func.power(2.0, func.least(memories.c.embedding_attempts - 1, 30)), most)
        ids = [row.id for row in rows]
        async with self._database.of_system() as connection:
            await connection.execute(
                update(memories)
                .where(memories.c.id.in_(ids), _pending)
                .values(embedding_next_at=func.now() + _seconds(wait))
            )

    # Upkeep.

    async def _mark(self, model: str) -> int:
        """Have memories embedded that no model or another one has seen; return how many."""
        others = (
            select(memories.c.id)
            .where(not_(_pending), or_(_model < model, _model > model))
            .limit(MARKED)
            .with_for_update(skip_locked=True)
        )
        marked = (
            update(memories)
            .where(memories.c.id.in_(others))
            .values(embedding_state="pending", embedding_attempts=0, embedding_next_at=func.now())
        )
        async with self._database.of_system() as connection:
            return (await connection.execute(marked)).rowcount

    async def _any_left(self, model: str) -> bool:
        left = or_(_pending, and_(not_(_pending), or_(_model < model, _model > model)))
        async with self._database.of_system() as connection:
            return await connection.scalar(select(memories.c.id).where(left).limit(1)) is not None

    async def _count(self) -> None:
        counted = select(func.count()).select_from(memories)
        async with self._database.of_system() as connection:
            self._measures.waiting = await connection.scalar(counted.where(_pending)) or 0
            removals = await connection.scalar(select(func.count()).select_from(vector_removals))
            self._measures.removals = removals or 0
            began = time.monotonic()
            if began >= self._count_all_at:
                # Each of the two is in an index: what doesn't wait, and of that what no model has seen.
                others = await connection.scalar(counted.where(not_(_pending))) or 0
                without = await connection.scalar(counted.where(not_(_pending), _model == text("''"))) or 0
                self._measures.vectors = others - without
                ended = time.monotonic()
                self._count_all_at = ended + (ended - began) / COUNTING


def _seconds(number: Any) -> Any:
    return func.make_interval(0, 0, 0, 0, 0, 0, cast(number, Float))

"""Stores on the database of a test, and what may happen to a database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from integrations.error_firewall.postgres import PostgresStore


@asynccontextmanager
async def store_on(dsn: str, **options: Any) -> AsyncIterator[PostgresStore]:
    """A store with a pool of its own, as a process has it."""
    async with asyncpg.create_pool(dsn, min_size=0, max_size=4) as pool:
        store = PostgresStore(pool, lambda: asyncpg.connect(dsn), **options)
        try:
            yield store
        finally:
            store.listening.close()


async def execute(dsn: str, statement: str, *values: Any) -> Any:
    """Do something as an administrator, on a connection of its own; return the first value, if there is any."""
    connection: Any = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement, *values)
    finally:
        await connection.close()


async def cut_everybody(dsn: str, name: str | None = None) -> int:
    """End every connection to the database, or to another one, but the one that does it; return how many."""
    cut: int = await execute(
        dsn,
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND datname = coalesce($1, current_database()) AND backend_type = 'client backend'",
        name,
    )
    return cut

"""The ways to a database."""

from __future__ import annotations

import asyncpg

from integrations.error_firewall.postgres.access import AWAY, Pool


async def test_a_pool_of_asyncpg_is_one(database: str) -> None:
    """As it comes."""
    async with asyncpg.create_pool(database, min_size=0) as created:
        pool: Pool = created
        async with pool.acquire() as connection:
            assert await connection.fetchval("SELECT 1") == 1


async def test_what_a_missing_server_raises_means_away() -> None:
    """Whichever way it is missing."""
    for dsn in ("postgresql://nobody@127.0.0.1:1/none", "postgresql://nobody@/none?host=/nowhere"):
        try:
            await asyncpg.connect(dsn, timeout=2)
        except AWAY:
            continue
        raise AssertionError(f"{dsn}: somebody answered")

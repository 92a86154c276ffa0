"""A database's sessions, as its server counts them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from tests.postgres_server import PostgresServer, database_name

_PEAK = """
CREATE OR REPLACE FUNCTION peak(watched text, seconds float) RETURNS int LANGUAGE plpgsql AS $$
DECLARE most int := 0; seen int; ends timestamptz := clock_timestamp() + seconds * interval '1 second';
BEGIN
  WHILE clock_timestamp() < ends LOOP
    PERFORM pg_stat_clear_snapshot();
    SELECT count(*) INTO seen FROM pg_stat_activity WHERE datname = watched AND backend_type = 'client backend';
    most := greatest(most, seen);
    PERFORM pg_sleep(0.0005);
  END LOOP;
  RETURN most;
END $$
"""
"""Counts a database's sessions about 1,500 times a second, inside the server, and returns the most it saw."""


class Watcher:
    """Looks at a database's sessions from another database."""

    def __init__(self, connection: Any, name: str) -> None:
        self._connection = connection
        self._name = name

    async def sessions(self) -> list[int]:
        """The processes that serve the database."""
        query = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend' ORDER BY 1"
        return [row["pid"] for row in await self._connection.fetch(query, self._name)]

    async def peak(self, seconds: float) -> int:
        """The most sessions at a time, for so long."""
        return int(await self._connection.fetchval("SELECT peak($1, $2)", self._name, seconds))

    async def terminate(self) -> None:
        """End them all."""
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
        await self._connection.execute(query, self._name)

    async def execute(self, query: str) -> None:
        await self._connection.execute(query)


@asynccontextmanager
async def watching(postgres: PostgresServer, dsn: str) -> AsyncIterator[Watcher]:
    connection = await asyncpg.connect(postgres.dsn())
    try:
        await connection.execute(_PEAK)
        yield Watcher(connection, database_name(dsn))
    finally:
        await connection.close()

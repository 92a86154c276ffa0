"""A database with the agents' tables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text

from agents.store.database import Database, DatabaseOptions
from tests.agents_kit import agents_dsn, agents_template
from tests.postgres_server import PostgresServer, database, postgres

__all__ = ["agents_dsn", "agents_template", "database", "postgres", "shared_dsn", "store"]


@pytest.fixture(scope="module")
def shared_dsn(postgres: PostgresServer, agents_template: str) -> Iterator[str]:
    """A database for all tests of a module: emptying one takes a hundredth of the time that making one takes."""
    dsn = postgres.create(template=agents_template)
    yield dsn
    postgres.drop(dsn)


@pytest.fixture
async def store(shared_dsn: str) -> AsyncIterator[Database]:
    """A database with empty tables. Tests leave the tables as they are; those that don't ask for `agents_dsn`."""
    made = Database(DatabaseOptions(shared_dsn, pool=3, overflow=7))
    async with made.of_system() as connection:
        await connection.execute(text("TRUNCATE users CASCADE"))
    yield made
    await made.close()

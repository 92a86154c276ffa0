"""What tests of the agents stand on: a database with their tables, users, and a hub that serves them.

Import the fixtures (and `postgres`, which they need) into a conftest.py or the test's module::

    from tests.agents_kit import agents_template, store
    from tests.postgres_server import postgres

    __all__ = ["agents_template", "postgres", "store"]
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from agents.accounts.members import Members
from agents.store.database import Database, DatabaseOptions
from agents.store.migrating import upgrade
from agents.store.scope import Scope
from tests.live import LiveHub, running, until, with_keys
from tests.postgres_server import PostgresServer, database_name

CHEAP_PASSWORDS: dict[str, Any] = {
    "agents__accounts__argon2_memory": 8,
    "agents__accounts__argon2_passes": 1,
    "agents__accounts__argon2_lanes": 1,
}
"""Options with which a password takes no time."""


@pytest.fixture(scope="session")
def agents_template(postgres: PostgresServer) -> str:
    """The name of a database with the tables, for copying."""
    dsn = postgres.create()

    async def migrate() -> None:
        database = Database(DatabaseOptions(dsn))
        await upgrade(database)
        await database.close()

    asyncio.run(migrate())
    return database_name(dsn)


@pytest.fixture
def agents_dsn(postgres: PostgresServer, agents_template: str) -> Iterator[str]:
    """The DSN of a database with empty tables."""
    dsn = postgres.create(template=agents_template)
    yield dsn
    postgres.drop(dsn)


@pytest.fixture
async def store(agents_dsn: str) -> AsyncIterator[Database]:
    """A database with empty tables."""
    database = Database(DatabaseOptions(agents_dsn, pool=3, overflow=7))
    yield database
    await database.close()


async def a_user(store: Database, subject: str = "") -> Scope:
    """A user who wasn't there before."""
    return await Members(store).scope(subject or f"user-{uuid4().hex[:12]}")


@asynccontextmanager
async def agents_hub(dsn: str, **options: Any) -> AsyncIterator[LiveHub]:
    """A hub with keys that serves agents from a database; `live.hub.authenticator.issue(user, 60)` signs tokens."""
    # No model of vectors: it takes seconds and hundreds of megabytes.
    options = {"agents__embedding__provider": "none", **CHEAP_PASSWORDS, **options}
    settings = with_keys(agents__enabled=True, database__url=dsn, **options)
    async with running(settings) as live:
        agents = live.hub.adapters.agents
        assert agents is not None
        await until(lambda: agents.ready)
        yield live

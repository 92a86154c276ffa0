"""Tables come and go, from nothing and from data, whoever asks first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, select, text

from agents.store.database import Database, DatabaseOptions
from agents.store.migrating import MigrationFailed, downgrade, revision, upgrade
from agents.store.tables import OWNED, metadata, users
from channels.errors import ErrorCode, ReplyError
from tests.agents_kit import a_user
from tests.unit.agents.store.rows import fill

NEWEST = "0002"


@pytest.fixture
async def empty(database: str) -> AsyncIterator[Database]:
    """A database without tables, and connections to it."""
    made = Database(DatabaseOptions(database, pool=1, overflow=1))
    yield made
    await made.close()


@pytest.fixture
async def own(agents_dsn: str) -> AsyncIterator[Database]:
    """A database with tables, for this test alone."""
    made = Database(DatabaseOptions(agents_dsn, pool=1, overflow=1))
    yield made
    await made.close()


async def tables_of(database: Database) -> set[str]:
    async with database.of_system() as connection:
        found = await connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = :schema"), {"schema": database.options.schema}
        )
        return set(found)


async def test_from_empty_up_and_down_and_up(empty: Database) -> None:
    """Down leaves nothing but the note of the revision; up again works."""
    assert await revision(empty) is None
    await upgrade(empty)
    assert await revision(empty) == NEWEST
    assert await tables_of(empty) == {*metadata.tables, "alembic_version"}
    await downgrade(empty)
    assert await revision(empty) is None
    assert await tables_of(empty) == {"alembic_version"}
    await upgrade(empty)
    assert await tables_of(empty) == {*metadata.tables, "alembic_version"}


async def test_up_and_down_with_data_in_every_table(own: Database) -> None:
    """Up again changes no row. Down to the beginning takes them along; what is made afterwards is empty, and works."""
    scope = await a_user(own)
    await fill(scope)
    await upgrade(own)
    for table in OWNED:
        if table.name != "refresh_tokens":
            async with scope.begin() as work:
                assert await work.scalar(work.select(table, func.count())) == 1, table.name
    await downgrade(own)
    await upgrade(own)
    async with own.of_system() as connection:
        assert await connection.scalar(select(func.count()).select_from(users)) == 0
    await fill(await a_user(own))


async def test_migrations_make_the_tables_that_the_code_knows(store: Database) -> None:
    """Columns, types, defaults, indexes and keys are the same."""

    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True, "include_name": _is_ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    async with store.of_system() as connection:
        assert await connection.run_sync(differences) == []


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    return not (kind == "table" and name == "alembic_version")


async def test_several_processes_migrate_at_once(database: str) -> None:
    """One does it, and the others find it done."""
    several = [Database(DatabaseOptions(database, pool=1, overflow=0)) for _ in range(4)]
    await asyncio.gather(*map(upgrade, several))
    assert [await revision(each) for each in several] == [NEWEST] * 4
    for each in several:
        await each.close()


async def test_a_newer_version_of_the_tables(own: Database) -> None:
    """Is left alone, in either direction, and the text says what to do."""
    async with own.of_system() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for work in (upgrade, downgrade):
        with pytest.raises(MigrationFailed, match="revision 9999, which this version doesn't know"):
            await work(own)
    assert await tables_of(own) >= set(metadata.tables)


async def test_a_database_that_is_away() -> None:
    """Is `unavailable`, without its address."""
    away = Database(DatabaseOptions("postgresql://nobody:secret@127.0.0.1:1/none", timeout=5.0))
    with pytest.raises(ReplyError) as caught:
        await upgrade(away)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert "127" not in caught.value.message
    await away.close()

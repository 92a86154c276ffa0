"""The role that users' transactions run as: made, or asked for, and refused where it would confine nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event

from agents.store.database import Database, DatabaseOptions
from agents.store.migrating import MigrationFailed, upgrade
from tests.agents_kit import a_user
from tests.postgres_server import database_name
from tests.unit.agents.store.rows import fill

_numbers = count(1)


@asynccontextmanager
async def database_of(dsn: str, user: str = "", **options: str) -> AsyncIterator[Database]:
    """Connections of another user to a database."""
    database = Database(DatabaseOptions(dsn, pool=1, overflow=1, **options))  # type: ignore[arg-type]

    def become(connection: Any, _record: Any) -> None:
        connection.cursor().execute(f"SET SESSION AUTHORIZATION {user}")
        connection.commit()

    if user:
        event.listen(database.engine.sync_engine, "connect", become)
    try:
        yield database
    finally:
        await database.close()


async def run(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def a_login(dsn: str, rights: str = "") -> str:
    """Make a user who may connect, and owns nothing."""
    name = f"login{next(_numbers)}"
    await run(dsn, f"CREATE ROLE {name} LOGIN {rights}")
    return name


async def test_a_user_who_may_not_make_roles(database: str) -> None:
    """Is told what to have run by somebody who may; once that is done, everything works, and as that user."""
    user, role = await a_login(database), f"members{next(_numbers)}"
    await run(database, f'GRANT CREATE ON DATABASE "{database_name(database)}" TO {user}')
    async with database_of(database, user, role=role) as mine:
        with pytest.raises(MigrationFailed) as caught:
            await upgrade(mine)
        words = str(caught.value)
        create, grant = f"CREATE ROLE {role} NOLOGIN NOBYPASSRLS", f"GRANT {role} TO {user}"
        assert words.endswith(f"{create}; {grant}")
        await run(database, create)
        with pytest.raises(MigrationFailed, match=f"may not become the role {role}.*{grant}$"):
            await upgrade(mine)
        await run(database, grant)
        await upgrade(mine)
        await fill(await a_user(mine))


async def test_a_user_who_may_make_roles_but_is_no_superuser(database: str) -> None:
    """Needs nobody's help."""
    user, role = await a_login(database, "CREATEROLE"), f"members{next(_numbers)}"
    await run(database, f"CREATE SCHEMA tocsin_agents AUTHORIZATION {user}")
    async with database_of(database, user, role=role) as mine:
        await upgrade(mine)
        await fill(await a_user(mine))


async def test_a_user_who_may_not_make_the_schema(database: str) -> None:
    """Is told so."""
    user = await a_login(database)
    async with database_of(database, user) as mine:
        with pytest.raises(MigrationFailed, match=r"lacks a right.*schema tocsin_agents"):
            await upgrade(mine)


@pytest.mark.parametrize("rights", ["SUPERUSER", "BYPASSRLS"])
async def test_a_role_that_is_not_confined(database: str, rights: str) -> None:
    """Is refused: everybody would see everything."""
    role = f"mighty{next(_numbers)}"
    await run(database, f"CREATE ROLE {role} NOLOGIN {rights}")
    async with database_of(database, role=role) as mine:
        with pytest.raises(MigrationFailed, match=f"the role {role} isn't confined"):
            await upgrade(mine)


async def test_the_hubs_own_role(database: str) -> None:
    """Is refused: whoever owns tables sees all of their rows."""
    user = await a_login(database)
    await run(database, f"CREATE SCHEMA tocsin_agents AUTHORIZATION {user}")
    async with database_of(database, user, role=user) as mine:
        with pytest.raises(MigrationFailed, match="is the hub's own"):
            await upgrade(mine)


async def test_tables_that_were_made_for_another_role(agents_dsn: str) -> None:
    """Are told of, before users' transactions fail at them."""
    async with database_of(agents_dsn, role=f"members{next(_numbers)}") as other:
        with pytest.raises(MigrationFailed, match="were made for another role"):
            await upgrade(other)

"""How the tables come to be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from integrations.error_firewall.postgres import migrations
from integrations.error_firewall.postgres.migrations import UnknownVersion, in_schema, migrate
from integrations.error_firewall.postgres.tables import STEPS


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def tables(connection: Any, schema: str) -> list[str]:
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1", schema)
    return [row[0] for row in rows]


async def test_all_tables_are_made(connection: Any) -> None:
    """In the schema that was named, and nowhere else; each step is noted."""
    assert await migrate(connection, "guard") == len(STEPS)
    assert await tables(connection, "guard") == [
        "counter",
        "entries",
        "forgotten",
        "outcomes",
        "resources",
        "verdicts",
        "versions",
    ]
    assert await tables(connection, "public") == []
    rows = await connection.fetch("SELECT version FROM guard.versions ORDER BY 1")
    assert [row[0] for row in rows] == list(range(1, len(STEPS) + 1))


async def test_again_is_nothing(connection: Any) -> None:
    """Also for who may only read and write."""
    await migrate(connection, "guard")
    await connection.execute("INSERT INTO guard.forgotten VALUES ('a', 1)")
    await connection.execute("CREATE ROLE writer; GRANT USAGE ON SCHEMA guard TO writer")
    await connection.execute("GRANT ALL ON ALL TABLES IN SCHEMA guard TO writer; SET ROLE writer")
    assert await migrate(connection, "guard") == len(STEPS)
    assert await connection.fetchval("SELECT count(*) FROM guard.forgotten") == 1
    await connection.execute("RESET ROLE; DROP OWNED BY writer; DROP ROLE writer")


async def test_several_at_once_take_turns(database: str) -> None:
    """As when all processes start together."""

    async def one() -> int:
        connection = await asyncpg.connect(database)
        try:
            return await migrate(connection, "guard")
        finally:
            await connection.close()

    assert await asyncio.gather(*(one() for _ in range(8))) == [len(STEPS)] * 8


async def test_only_the_steps_that_are_missing_are_taken(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there stays."""
    await migrate(connection, "guard")
    await connection.execute("INSERT INTO guard.forgotten VALUES ('a', 1)")
    more = (*STEPS, "ALTER TABLE {schema}.forgotten ADD COLUMN why text")
    monkeypatch.setattr(migrations, "STEPS", more)
    assert await migrate(connection, "guard") == len(more)
    assert dict(await connection.fetchrow("SELECT * FROM guard.forgotten")) == {"id": "a", "change": 1, "why": None}


async def test_a_step_that_fails_changes_nothing(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither does any other of the same run."""
    monkeypatch.setattr(migrations, "STEPS", (*STEPS, "CREATE TABLE {schema}.more (a int)", "SELECT nonsense"))
    with pytest.raises(asyncpg.UndefinedColumnError):
        await migrate(connection, "guard")
    assert await tables(connection, "guard") == []
    monkeypatch.undo()
    assert await migrate(connection, "guard") == len(STEPS)


async def test_a_newer_version_is_left_alone(connection: Any) -> None:
    """The older program says so, instead of misreading what it finds."""
    await migrate(connection, "guard")
    await connection.execute("INSERT INTO guard.versions (version) VALUES (999)")
    with pytest.raises(UnknownVersion, match=r"found 999; run the newer program"):
        await migrate(connection, "guard")


@pytest.mark.parametrize("name", ["", "a b", "A", "1a", 'a"; DROP', "a-b", "a" * 49, "ä", "a\n"])
def test_a_schema_has_a_plain_name(name: str) -> None:
    """It goes into statements as it is."""
    with pytest.raises(ValueError, match="schema: expected a-z"):
        in_schema("SELECT 1 FROM {schema}.t", name)


def test_the_schema_is_put_in_everywhere() -> None:
    """As often as it stands there."""
    assert in_schema("{schema}.a, {schema}.b", "x_1") == "x_1.a, x_1.b"

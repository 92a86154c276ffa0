"""What the store says to the database."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from integrations.error_firewall.model import OutcomeKind
from integrations.error_firewall.postgres import statements
from integrations.error_firewall.postgres.migrations import in_schema, migrate

STATEMENTS = {
    name: value
    for name, value in vars(statements).items()
    if name.isupper() and not name.startswith("_") and isinstance(value, str)
}


async def test_the_database_understands_all(database: str) -> None:
    """Every statement names tables, columns and parameters that there are."""
    connection: Any = await asyncpg.connect(database)
    await migrate(connection, "guard")
    for statement in STATEMENTS.values():
        await connection.prepare(in_schema(statement, "guard"))
    await connection.close()


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_names_its_schema(name: str) -> None:
    """Nothing depends on a search path, which a borrowed connection may have from anybody."""
    assert "{schema}." in STATEMENTS[name]
    for table in ("entries", "verdicts", "outcomes", "forgotten", "resources", "counter"):
        assert f" {table}" not in STATEMENTS[name]


def test_every_kind_of_outcome_has_its_counter() -> None:
    """One that has none would be kept and never counted."""
    assert set(statements.COUNTERS) == {kind.value for kind in OutcomeKind}
    assert set(statements.COUNTERS.values()) == {"worked", "did_not", "repeated", "overridden", "false_blocks"}

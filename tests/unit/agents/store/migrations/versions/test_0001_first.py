"""The first tables. That they are those of the code is in tests/unit/agents/store/test_migrating.py."""

from __future__ import annotations

from importlib import import_module

from agents.store.tables import OWNED, metadata

first = import_module("agents.store.migrations.versions.0001_first")


def test_it_is_the_first() -> None:
    """Nothing comes before it."""
    assert first.down_revision is None


def test_each_table_is_made_and_confined_or_out_of_reach() -> None:
    """What later migrations add is theirs to confine."""
    assert set(first.TABLES) <= set(metadata.tables)
    assert {table.name for table in OWNED} - set(first.UNSEEN) >= set(first.TABLES) - {"users"} - set(first.UNSEEN)
    assert set(first.OWNERS) == {"users"}

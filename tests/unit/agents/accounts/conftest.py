"""A database with the agents' tables, and accounts in it."""

from __future__ import annotations

import pytest

from agents.store.database import Database
from tests.agents_kit import agents_template
from tests.postgres_server import postgres
from tests.unit.agents.accounts.account_worlds import World
from tests.unit.agents.store.conftest import shared_dsn, store

__all__ = ["agents_template", "postgres", "shared_dsn", "store", "world"]


@pytest.fixture
def world(store: Database) -> World:
    """Accounts on an empty database."""
    return World(store)

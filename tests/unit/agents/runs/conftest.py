from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.agents_kit import agents_template, store
from tests.postgres_server import PostgresServer, postgres

__all__ = ["agents_template", "postgres", "store"]


@pytest.fixture(scope="module")
def agents_dsn(postgres: PostgresServer, agents_template: str) -> Iterator[str]:
    """One database for a module: each world has a user of its own, and removes it with all that it has."""
    dsn = postgres.create(template=agents_template)
    yield dsn
    postgres.drop(dsn)

"""Fixtures for tests on a real PostgreSQL."""

from tests.postgres_server import database, postgres

__all__ = ["database", "postgres"]

from __future__ import annotations

from tests.agents_kit import agents_dsn, agents_template, store
from tests.postgres_server import postgres

__all__ = ["agents_dsn", "agents_template", "postgres", "store"]

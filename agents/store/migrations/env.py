"""Runs migrations on the connection that `agents.store.migrating` has opened, in its transaction."""

from __future__ import annotations

from alembic import context
from alembic.config import Config

from agents.store.tables import metadata


def run(config: Config) -> None:
    """Run what Alembic was asked for."""
    context.configure(
        connection=config.attributes["connection"],
        target_metadata=metadata,
        version_table_schema=config.attributes["schema"],
        # The tables themselves are found by the search path, so that one script serves any schema.
        include_schemas=False,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if hasattr(context, "config"):  # Alembic runs this file, and gives it a context; nobody else does
    run(context.config)

"""Alembic's folder; `agents.store.migrating` runs it."""

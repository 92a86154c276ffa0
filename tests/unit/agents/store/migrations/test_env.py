"""What Alembic runs for each command; tests/unit/agents/store/test_migrating.py has it at work."""

from __future__ import annotations

from agents.store.migrations import env


def test_nothing_happens_without_alembic() -> None:
    """Who imports it, as tools do, runs nothing."""
    assert callable(env.run)

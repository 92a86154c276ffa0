"""Who stands before each stage. With real stages: test_guarded.py; with processes that die: jobs/test_attempts.py."""

from __future__ import annotations

from integrations.rag_trainer.guard import Guard


def test_who_comes_in_is_told() -> None:
    """Each time; poison is refused, and not told."""
    told: list[str] = []
    guard = Guard({"b": ("crash", "it died twice")}, told.append)
    assert [guard.refuse(name) for name in ("a", "b", "a")] == [None, ("crash", "it died twice"), None]
    assert told == ["a", "a"]

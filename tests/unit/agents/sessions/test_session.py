"""A session's title, and how the session is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from agents.sessions.session import Session, title_from


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Where is Berlin?", "Where is Berlin?"),
        ("\n \t\n  What   now? \n Then?", "What now?"),
        ("", ""),
        (" \n ", ""),
        ("word " * 40, ("word " * 15).strip() + "\u2026"),
        ("x" * 200, "x" * 79 + "\u2026"),
    ],
)
def test_a_title_is_the_first_line_cut_at_a_word(text: str, title: str) -> None:
    """A line that has something; 80 characters at most."""
    assert title_from(text) == title
    assert len(title) <= 80


def test_a_session_says_where_its_events_come() -> None:
    """By the hub's name for it."""
    shown = Session(UUID(int=7), "t", 3, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)).as_dict()
    assert shown["channel"] == f"session:{UUID(int=7)}"
    assert (shown["created_at"], shown["active_runs"]) == ("2026-01-01T00:00:00.000000Z", 0)

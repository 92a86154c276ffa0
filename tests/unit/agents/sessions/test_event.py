"""One event, as it goes out."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from agents.sessions.event import Event

ID = UUID(int=7)


def test_the_number_comes_first() -> None:
    """Streams read it from the beginning of the text, without parsing the rest; own fields come after the common."""
    time = datetime(2026, 11, 21, 10, 15, 0, 5000, UTC)
    fields = Event(ID, 3, "ERROR", ID, None, {"code": "internal"}, time).fields
    assert list(fields.items()) == [
        ("seq", 3),
        ("run_id", str(ID)),
        ("agent_id", None),
        ("timestamp", "2026-11-21T10:15:00.005000Z"),
        ("code", "internal"),
    ]

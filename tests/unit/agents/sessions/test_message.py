"""A message, as its owner sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from agents.sessions.events import MessageData
from agents.sessions.message import Message

ID = UUID(int=7)


def test_it_is_what_events_say_it_is() -> None:
    """Lists, snapshots and MESSAGE_CREATED have one shape."""
    cited = {"number": 1, "memory_id": str(ID), "text": "t", "score": 0.5}
    message = Message(ID, 3, "user", "x", None, "", ID, "complete", [cited], None, datetime(2026, 11, 21, tzinfo=UTC))
    assert MessageData.model_validate(message.as_dict()).model_dump() == message.as_dict()

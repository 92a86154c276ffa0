"""The events of a session, by name."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from agents.sessions.entry import DELTA, MESSAGE_CREATED
from agents.sessions.events import EVENTS, TERMINAL, TaskCancelled


def test_names_that_code_writes_are_documented() -> None:
    """And each has a sentence for people."""
    assert {DELTA, MESSAGE_CREATED, "SESSION_CREATED", "SESSION_CHANGED"} | TERMINAL <= EVENTS.keys()
    assert all((model.__doc__ or "").endswith(".") for model in EVENTS.values())
    assert not any({"seq", "run_id", "agent_id", "timestamp"} & model.model_fields.keys() for model in EVENTS.values())


def test_unknown_fields_and_words_are_refused() -> None:
    """What isn't documented isn't written."""
    assert TaskCancelled(reason="steered", message_id=None).reason == "steered"
    with pytest.raises(ValidationError):
        TaskCancelled.model_validate({"reason": "tired", "message_id": None})
    with pytest.raises(ValidationError):
        TaskCancelled.model_validate({"reason": "stopped", "message_id": None, "mood": "bad"})

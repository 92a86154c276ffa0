"""What of chat is the same over HTTP and over a WebSocket."""

from __future__ import annotations

from typing import get_args

from agents.sessions.message import Role, Status
from agents.sessions.run import IfActive, RunStatus
from hub import chat_descriptions
from hub.chat_descriptions import MessageState, RunFailure, RunState


def test_the_words_are_those_of_the_agents() -> None:
    """The hub has them of its own, because its clients' words don't load what runs agents."""
    for model, field, words in (
        (MessageState, "role", Role),
        (MessageState, "status", Status),
        (RunState, "status", RunStatus),
    ):
        assert get_args(model.model_fields[field].annotation) == get_args(words), field
    assert get_args(chat_descriptions.IfActive)[0] == IfActive


class Failed:
    """A run, as the agents show it."""

    def as_dict(self) -> dict[str, object]:
        fields = {name: None for name, field in RunState.model_fields.items() if field.annotation is not str}
        words = {"id": "r", "session_id": "s", "agent_name": "", "message_id": "m", "status": "failed"}
        error = {"code": "unavailable", "message": "away", "temporary": True}
        return {**fields, **words, "created_at": "2026-11-02T00:00:00Z", "error": error}


def test_a_run_that_failed() -> None:
    """Says why."""
    assert RunState.of(Failed()).error == RunFailure(code="unavailable", message="away", temporary=True)

"""What a run was given."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from agents.catalog.agent import AgentConfig
from agents.memory.item import Recalled
from agents.models.port import PromptMessage
from agents.runs.prompt import build
from agents.runs.trace import trace_of


def test_a_trace_has_all_that_was_given() -> None:
    """What was retrieved with its scores, and the prompt word for word."""
    memory = Recalled(uuid4(), "One.", "fact", 0.7, {}, datetime(2026, 11, 2, 8, tzinfo=UTC))
    history = [PromptMessage("user", "x")] * 12
    built = build(AgentConfig(instructions="Be kind."), "a/b", [memory], history, "Hi")
    trace = trace_of(built, [memory], "")
    assert trace["retrieved"] == [
        {
            "number": 1,
            "memory_id": str(memory.memory_id),
            "score": 0.7,
            "text": "One.",
            "created_at": "2026-11-02T08:00:00.000000Z",
        }
    ]
    assert trace["prompt"][0]["content"] == built.prompt.messages[0].content
    assert len(trace["prompt"]) == 12
    assert (trace["model"], trace["history_left_out"], trace["warning"]) == ("a/b", 2, None)
    assert trace_of(built, [], "it was away")["warning"] == "it was away"

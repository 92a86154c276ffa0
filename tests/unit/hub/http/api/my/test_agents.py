"""What requests for agents carry, and what is answered. With real requests: tests/integration/test_my_agents.py."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import ValidationError

from agents.catalog.agent import Agent, AgentConfig
from hub.http.api.answers import encode_answer
from hub.http.api.my.agents import AgentState, ChangeAgentBody, CreateAgentBody

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_an_agent_is_shown_whole() -> None:
    """With fields that nobody has set: a page to edit it needs no defaults of its own."""
    agent = Agent(UUID(int=7), "coder", AgentConfig(recall=3), "busy", 2, NOW, NOW)
    shown = json.loads(encode_answer(AgentState.of(agent)))
    assert shown == {
        "id": "00000000-0000-0000-0000-000000000007",
        "name": "coder",
        "config": AgentConfig(recall=3).model_dump(mode="json"),
        "status": "busy",
        "version": 2,
        "created_at": "2026-01-01T00:00:00.000000Z",
        "updated_at": "2026-01-01T00:00:00.000000Z",
    }
    assert shown["config"]["temperature"] is None


def test_a_change_has_only_what_was_given() -> None:
    """So that the rest stays; `null` is a value."""
    body = ChangeAgentBody.model_validate({"config": {"temperature": None, "fallback_models": ["a/b"]}})
    assert body.config is not None
    assert body.config.model_dump(exclude_unset=True) == {"temperature": None, "fallback_models": ("a/b",)}
    assert ChangeAgentBody.model_validate({}).config is None


@pytest.mark.parametrize("body", [{}, {"name": 5}, {"name": "a", "config": None}, {"name": "a", "configuration": {}}])
def test_wrong_bodies(body: dict[str, object]) -> None:
    """Are refused with the name of what is wrong."""
    with pytest.raises(ValidationError):
        CreateAgentBody.model_validate(body)

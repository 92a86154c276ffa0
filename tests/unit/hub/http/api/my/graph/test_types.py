"""The types of GraphQL are read from HTTP's answers: each field is one of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from strawberry import UNSET

from agents.catalog.agent import AgentConfig
from hub import chat_descriptions
from hub.http.api.my import account_bodies, agents, memories, models, runs, sessions
from hub.http.api.my.graph import types

SAME: Mapping[Any, type[BaseModel]] = {
    types.Account: account_bodies.AccountState,
    types.AgentConfig: AgentConfig,
    types.AgentConfigInput: AgentConfig,
    types.Agent: agents.AgentState,
    types.AgentPage: agents.AgentPage,
    types.Message: chat_descriptions.MessageState,
    types.MessagePage: sessions.MessagePage,
    types.RunFailure: chat_descriptions.RunFailure,
    types.Run: chat_descriptions.RunState,
    types.RunPage: runs.RunPage,
    types.Sent: runs.Accepted,
    types.Session: sessions.SessionState,
    types.SessionPage: sessions.SessionPage,
    types.Memory: memories.MemoryState,
    types.MemoryPage: memories.MemoryPage,
    types.Model: models.ModelState,
    types.Models: models.ModelList,
}


@pytest.mark.parametrize("shape", SAME, ids=lambda shape: str(shape.__name__))
def test_every_field_is_one_of_the_answer(shape: Any) -> None:
    """And what may be null there may be null here."""
    for field in shape.__strawberry_definition__.fields:
        if field.base_resolver is None:
            source = SAME[shape].model_fields[field.python_name].annotation
            may_be_null = type(None) in get_args(source) or shape is types.AgentConfigInput
            assert ("StrawberryOptional" in type(field.type).__name__) is may_be_null, field.python_name


def test_what_is_given_of_a_configuration() -> None:
    """Null is given too."""
    given = types.AgentConfigInput(temperature=None, recall=3)
    assert given.model is UNSET
    assert given.given() == {"temperature": None, "recall": 3}

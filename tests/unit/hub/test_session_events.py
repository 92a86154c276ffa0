"""What is said of the events of chat sessions is what the agents write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from agents.sessions.events import EVENTS, MessageData
from hub.asyncapi import asyncapi
from hub.chat_descriptions import MessageState
from hub.http.openapi import openapi
from hub.schemas import schemas_of
from hub.session_events import ANY_EVENT, SESSION_EVENTS, EventHead

HEAD = {"seq": 3, "run_id": None, "agent_id": None, "timestamp": "2026-11-21T10:15:00.000000Z"}


def test_every_event_is_described_with_its_own_fields() -> None:
    """And with those that all have; nothing that may grow is closed."""
    schemas = schemas_of(SESSION_EVENTS.values())
    assert list(SESSION_EVENTS) == list(EVENTS)
    for name, model in EVENTS.items():
        event = schemas[f"{model.__name__}Event"]
        assert event["properties"]["type"]["const"] == name
        data = schemas[event["properties"]["data"]["$ref"].rpartition("/")[2]]
        assert data["properties"].keys() == model.model_fields.keys() | EventHead.model_fields.keys()
    assert '"additionalProperties": false' not in json.dumps(schemas)
    assert MessageState.model_fields.keys() == MessageData.model_fields.keys()


def test_both_documents_have_them() -> None:
    """Under one name each: on sockets, and in the list over HTTP."""
    spoken, asked = asyncapi(), openapi()["components"]["schemas"]
    names = {model.__name__ for model in SESSION_EVENTS.values()}
    sent = {each["$ref"].rpartition("/")[2] for each in spoken["operations"]["session"]["messages"]}
    assert sent == names <= spoken["components"]["messages"].keys()
    assert {each["$ref"].rpartition("/")[2] for each in asked["EventState"]["anyOf"]} == names
    for name in names:
        assert asked[name] == spoken["components"]["schemas"][name]


@pytest.mark.parametrize(
    "wrong",
    [{"start": "0"}, {"start": None}, {"seq": 0}, {"message_id": None}],
    ids=["type", "null", "number", "missing"],
)
def test_an_event_is_judged_by_its_type(wrong: dict[str, Any]) -> None:
    """With or without a place in the channel."""
    data = {**HEAD, "message_id": "8d7f", "start": 0, "text": "Hel"}
    event = {"type": "MESSAGE_DELTA", "channel": "session:1", "data": data, "timestamp": HEAD["timestamp"]}
    for place in ({}, {"epoch": "e", "offset": 4}):
        assert isinstance(ANY_EVENT.validate_json(json.dumps(event | place)), SESSION_EVENTS["MESSAGE_DELTA"])
    with pytest.raises(ValidationError):
        ANY_EVENT.validate_json(json.dumps(event | {"data": data | wrong}))

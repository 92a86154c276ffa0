"""Bodies and queries."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from channels.model import Position
from hub.http.api.bodies import (
    ConnectionsQuery,
    DisconnectBody,
    HistoryQuery,
    PresenceQuery,
    PublishBatchBody,
    PublishBody,
    RevokeBody,
)

PUBLICATION: dict[str, Any] = {"channel": "c", "type": "t", "data": None}


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (PublishBody, PUBLICATION),
        (PublishBody, {"channels": ["a", "b"], "type": "t", "data": [], "key": "k", "except": "client"}),
        (PublishBatchBody, {"publications": [PUBLICATION]}),
        (DisconnectBody, {"user": "alice", "ban": True}),
        (RevokeBody, {"token_id": "t"}),
        (HistoryQuery, {"since": "p3kq9x:42", "limit": "0", "reverse": "true"}),
        (PresenceQuery, {"members": "false"}),
        (ConnectionsQuery, {"limit": "1000", "offset": "5"}),
    ],
)
def test_what_is_documented_is_taken(model: type[BaseModel], value: dict[str, Any]) -> None:
    """Queries come as text, bodies with the right types."""
    model.model_validate(value)


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (PublishBody, {"channel": "c", "type": "t"}),
        (PublishBody, {"type": "t", "data": 1}),
        (PublishBody, PUBLICATION | {"channels": ["a"]}),
        (PublishBody, {"channels": [], "type": "t", "data": 1}),
        (PublishBody, {"channels": ["a"] * 101, "type": "t", "data": 1}),
        (PublishBody, PUBLICATION | {"type": ""}),
        (PublishBody, PUBLICATION | {"type": "x" * 129}),
        (PublishBody, PUBLICATION | {"channel": 1}),
        (PublishBody, PUBLICATION | {"except": "a b"}),
        (PublishBody, PUBLICATION | {"except_": "a"}),
        (PublishBody, PUBLICATION | {"chanel": "c"}),
        (PublishBatchBody, {"publications": []}),
        (PublishBatchBody, {"publications": [{"channels": ["a"], "type": "t", "data": 1}]}),
        (DisconnectBody, {}),
        (DisconnectBody, {"user": "a", "session": "s"}),
        (DisconnectBody, {"user": "a", "ban": "yes"}),
        (RevokeBody, {"user": "a", "token_id": "t"}),
        (RevokeBody, {}),
        (HistoryQuery, {"since": "42"}),
        (HistoryQuery, {"limit": "1001"}),
        (HistoryQuery, {"limt": "10"}),
        (ConnectionsQuery, {"offset": "-1"}),
    ],
)
def test_anything_else_is_refused(model: type[BaseModel], value: dict[str, Any]) -> None:
    """Missing, wrong, contradicting and unknown fields."""
    with pytest.raises(ValidationError):
        model.model_validate(value)


def test_a_position_is_read() -> None:
    """Epoch and offset; an empty epoch with offset 0 is the start."""
    assert HistoryQuery().position() is None
    assert HistoryQuery(since="p3kq9x:42").position() == Position("p3kq9x", 42)
    assert HistoryQuery(since=":0").position() == Position("", 0)

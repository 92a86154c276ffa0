"""`POST /my/graphql`. With a database: tests/integration/test_graphql.py."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from channels.errors import ErrorCode, ReplyError
from channels.policy import Principal
from hub.http.api.my.graphql import QUERY_MAX, GraphQLBody, query
from tests.unit.hub.http.api.calls import call, put_together


async def test_without_agents_nothing_is_answered() -> None:
    """As everywhere below `/my`."""
    with pytest.raises(ReplyError) as refused:
        await query(put_together(), call(GraphQLBody(query="{ me { id } }"), caller=Principal("alice")))
    assert refused.value.code is ErrorCode.NOT_FOUND


def test_what_is_no_body() -> None:
    """A query that is too long, and fields that nobody knows."""
    for wrong in ({}, {"query": ""}, {"query": "x" * (QUERY_MAX + 1)}, {"query": "{ a }", "variables": []}, {"x": 1}):
        with pytest.raises(ValidationError):
            GraphQLBody.model_validate(wrong)

"""Every request that a user can make below `/my`, with somebody else's ids in it: made from the table of endpoints.

A new row is walked as soon as it is there. What can't be known of it (what a part of its path is the id of, a body that
is good, which field names somebody's thing) must be told here, or this fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import BaseModel

from hub.http.api.endpoint import Endpoint, Who
from hub.http.api.table import ENDPOINTS

PARTS: Final = ("agent_id", "session_id", "run_id", "memory_id")
"""Parts of paths that are ids of a user's things."""

BODIES: Final[Mapping[str, Any]] = {
    "AccountBody": {"name": "Ben"},
    "PasswordBody": {"current": "correct horse battery", "new": "correct horse battery"},
    "DeleteAccountBody": {"password": "correct horse battery"},
    "CreateAgentBody": {"name": "another"},
    "ChangeAgentBody": {"config": {"temperature": 0.5}},
    "AddMemoryBody": {"text": "something of my own"},
    "ChangeMemoryBody": {"pinned": True},
    "CreateSessionBody": {"title": "another"},
    "ChangeSessionBody": {"title": "changed"},
    "GraphQLBody": {"query": "{ agents { items { name } } }"},
    "MessageBody": {"content": "what is the code of the harbour gate?"},
}
"""A good body of each kind."""

QUERIES: Final[Mapping[str, tuple[Mapping[str, str], ...]]] = {
    "PageQuery": ({}, {"limit": "200"}),
    "MemoriesQuery": ({}, {"q": "code of the harbour gate"}, {"limit": "200", "kind": "fact"}),
    "MessagesQuery": ({}, {"after": "0"}),
    "EventsQuery": ({}, {"after": "0", "limit": "1000"}),
    "StreamQuery": ({}, {"after": "0"}),
}
"""Good queries of each kind."""

FIELDS: Final[Mapping[str, str]] = {"target_agent": "agent_id"}
"""Fields of bodies and queries that name a thing, and what it is the id of."""

NAMES_NOTHING: Final = frozenset({"idempotency_key", "cursor"})
"""Fields that look as if they did."""

LAST: Final = (("DELETE", "/my/account/sign-ins"), ("PUT", "/my/account/password"), ("DELETE", "/my/account"))
"""Requests after which a token is no good any more, in this order."""

_named = re.compile(r"{(\w+)}").findall
_is_telling = re.compile(r".*(_id|_ids|_key|agent|session|run|memory)$").fullmatch


@dataclass(frozen=True, slots=True)
class Foreign:
    """A request with the id of something that isn't the caller's.

    Attributes:
        which: name of the id.
        row: the endpoint.
    """

    row: Endpoint[Any, Any]
    which: str
    path: str
    body: Any


def member_rows() -> list[Endpoint[Any, Any]]:
    """Every endpoint for users."""
    mine = [row for row in ENDPOINTS if row.who in (Who.MEMBER, Who.FOLLOWER)]
    assert all(row.path.startswith("/my/") for row in mine)
    assert {row.who for row in ENDPOINTS if row.path.startswith("/my/")} <= {Who.MEMBER, Who.FOLLOWER}
    return mine


def foreign_requests(own: Mapping[str, str], foreign: Mapping[str, str]) -> Iterator[Foreign]:
    """Every request with one foreign id, in a path, a query or a body; everything else in it is the caller's own."""
    for row in member_rows():
        parts = _named(row.path)
        assert set(parts) <= set(PARTS), f"{row.path}: what is {parts} the id of? Tell {__name__}"
        for which in parts:
            ids = {**own, which: foreign[which]}
            for query in queries_of(row):
                yield Foreign(row, which, path_of(row, ids, query), body_of(row))
        for field, which in fields_of(row):
            if row.body is not None and field in row.body.model_fields:
                yield Foreign(row, which, path_of(row, own, {}), {**body_of(row), field: foreign[which]})
            else:
                yield Foreign(row, which, path_of(row, own, {field: foreign[which]}), body_of(row))


def own_requests(own: Mapping[str, str], *, parts: bool) -> Iterator[tuple[str, str, Any, Endpoint[Any, Any]]]:
    """Every request about the caller's own things: those with ids in their path, or those without."""
    for row in member_rows():
        if bool(_named(row.path)) is parts:
            for query in queries_of(row):
                yield row.method, path_of(row, own, query), body_of(row), row


def path_of(row: Endpoint[Any, Any], ids: Mapping[str, str], query: Mapping[str, str]) -> str:
    """Write a path with ids in it."""
    path = row.path.format(**ids)
    return f"{path}?{urlencode(query)}" if query else path


def body_of(row: Endpoint[Any, Any]) -> Any:
    """Return a good body."""
    if row.body is None:
        return None
    assert row.body.__name__ in BODIES, f"{row.path}: what is a good {row.body.__name__}? Tell {__name__}"
    return BODIES[row.body.__name__]


def queries_of(row: Endpoint[Any, Any]) -> tuple[Mapping[str, str], ...]:
    """Return good queries."""
    if row.query is None:
        return ({},)
    assert row.query.__name__ in QUERIES, f"{row.path}: what is a good {row.query.__name__}? Tell {__name__}"
    return QUERIES[row.query.__name__]


def fields_of(row: Endpoint[Any, Any]) -> Iterator[tuple[str, str]]:
    """Find fields that name somebody's things, and what they are ids of."""
    for model in filter(None, (row.body, row.query)):
        for field in _fields(model):
            if _is_telling(field) and field not in NAMES_NOTHING:
                assert field in FIELDS, f"{model.__name__}.{field}: what is it the id of? Tell {__name__}"
                yield field, FIELDS[field]


def _fields(model: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]

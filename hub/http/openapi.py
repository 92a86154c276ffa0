"""The HTTP API as an OpenAPI 3.1 document: `docs/openapi.json`, served at `/api/openapi.json`.

Generated from the table that the routes are made from. Nothing in it depends on a hub's options.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson
from pydantic import BaseModel

from channels.errors import ErrorCode
from channels.model import NAME_PATTERN
from hub.http.api.answers import Failure, ProblemDetails
from hub.http.api.endpoint import Endpoint, Who
from hub.http.api.intake import JSON
from hub.http.api.publishing import IDEMPOTENCY_KEY
from hub.http.api.table import ENDPOINTS
from hub.http.errors import tells_problems
from hub.http.openapi_responses import responses_of
from hub.schemas import reference, schemas_of

VERSION: Final = "1.0.0"

_ALWAYS: Final = (ErrorCode.PERMISSION_DENIED, ErrorCode.RATE_LIMITED, ErrorCode.INTERNAL)
"""Any request may end so: a foreign `Host` or `Origin`, too many requests from one address, a fault."""

_OF_USER: Final = (
    ErrorCode.UNAUTHENTICATED,
    ErrorCode.INVALID_TOKEN,
    ErrorCode.NOT_FOUND,  # agents are off
    ErrorCode.UNAVAILABLE,  # their database is away
)
_OF_WHO: Final = {
    Who.ANYONE: (),
    Who.CALLER: (ErrorCode.UNAUTHENTICATED, ErrorCode.INVALID_TOKEN),
    Who.MEMBER: _OF_USER,
    Who.FOLLOWER: _OF_USER,
    Who.OPERATOR: (ErrorCode.UNAUTHENTICATED, ErrorCode.INVALID_TOKEN),
    Who.SCRAPER: (ErrorCode.UNAUTHENTICATED, ErrorCode.INVALID_TOKEN),
}
_OF_BODY: Final = (
    ErrorCode.INVALID_JSON,
    ErrorCode.INVALID_COMMAND,
    ErrorCode.DATA_TOO_LARGE,
    ErrorCode.UNSUPPORTED_DATA,
)
_OF_QUERY: Final = (ErrorCode.INVALID_COMMAND,)
_OF_ID: Final = (ErrorCode.NOT_FOUND,)
_OF_INPUT_OF_USERS: Final = (ErrorCode.INVALID_DATA,)
"""What a body or query of another shape is called below `/my` and `/auth`."""

_PARTS: Final = {
    "channel": ("name of the channel", NAME_PATTERN),
    "user": ("the user", NAME_PATTERN),
    "session": ("the connection's session, as in its welcome", None),
    "alert": ("the alert's id", None),
    "silence": ("the silence's id", None),
    "notifier": ("kind and name of the notifier, such as slack:ops", None),
    "analysis": ("the analysis's id", None),
    "training": ("the training's id", None),
    "source": ("the forge: github, gitlab or gitea", "^(github|gitlab|gitea)$"),
    "record": ("the record's id", None),
    "rule": ("the rule's id", None),
    "resource": ("name of the resource, such as ios_simulators", None),
}

_IDS: Final = {
    "agent_id": "the agent's id",
    "session_id": "the session's id",
    "run_id": "the run's id",
    "memory_id": "the memory's id",
}
"""Parts of a path that are UUIDs."""

_TAGS: Final = {
    "publish": "Publish to channels.",
    "channels": "Channels, their history and presence.",
    "members": "Who belongs to rooms, sessions and jobs. For operators.",
    "connections": "Connections and tokens. For operators.",
    "alerts": "Alerts, rules, silences and notifiers.",
    "sign-in": "How browsers sign in: tickets for event streams, and a cookie.",
    "analyses": "Analyses of code. For operators.",
    "training": "Training of documents, and questions to them. For operators.",
    "firewall": "The error firewall: what failed once is stopped before it fails again.",
    "webhooks": "What forges deliver.",
    "accounts": "Registering, signing in, and one's own account.",
    "agents": "One's own agents.",
    "chat": "Sessions, messages, runs and their events.",
    "memory": "What one's agents remember.",
    "service": "How the hub is.",
}


_FILES: Final[dict[str, Any]] = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {
                "files": {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}}
            },
        }
    }
}
"""A body of files, where a handler takes them."""


def openapi() -> dict[str, Any]:
    """Return the document."""
    paths: dict[str, Any] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tocsin",
            "version": VERSION,
            "summary": "Publish to channels, read their history, see and govern who is connected.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas_of(_models()),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A hub without keys (auth.keys) takes no token, and needs none.",
                }
            },
        },
    }


def openapi_json() -> str:
    """Return the document's text."""
    return orjson.dumps(openapi(), option=orjson.OPT_INDENT_2).decode() + "\n"


def errors_of(endpoint: Endpoint[Any, Any]) -> tuple[ErrorCode, ...]:
    """Return all that a request may be refused for, each once."""
    of_users = tells_problems(endpoint.path)
    return tuple(
        dict.fromkeys(
            (
                *(_OF_BODY if endpoint.body or endpoint.raw else ()),
                *(_OF_QUERY if endpoint.query and not of_users else ()),
                *(_OF_INPUT_OF_USERS if of_users and (endpoint.body or endpoint.query) else ()),
                *(_OF_ID if _IDS.keys() & set(_parts(endpoint.path)) else ()),
                *_OF_WHO[endpoint.who],
                *endpoint.errors,
                *_ALWAYS,
            )
        )
    )


def _models() -> Iterator[type[BaseModel]]:
    yield Failure
    yield ProblemDetails
    for endpoint in ENDPOINTS:
        yield from filter(None, (endpoint.body, endpoint.answer, *endpoint.more_answers))


def _operation(endpoint: Endpoint[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.handler.__name__,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": f"{(endpoint.handler.__doc__ or '').strip()}\n\nFor {endpoint.who.value}.",
        "security": _security(endpoint.who),
        "parameters": [*_path_parameters(endpoint.path), *_query_parameters(endpoint.query), *_headers(endpoint)],
        "responses": responses_of(endpoint, errors_of(endpoint)),
    }
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": not endpoint.body_optional,
            "content": {JSON: {"schema": reference(endpoint.body)}} | (_FILES if endpoint.own_body else {}),
        }
    elif endpoint.raw:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": {"type": "object"}}}}
    return operation


def _security(who: Who) -> list[dict[str, list[str]]]:
    if who is Who.MEMBER:
        return [{"bearer": []}]
    return [{}] if who is Who.ANYONE else [{"bearer": []}, {}]


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for name in _parts(path):
        text, pattern = _PARTS[name] if name in _PARTS else (_IDS[name], None)
        schema = {"type": "string"} | ({"pattern": pattern} if pattern else {"format": "uuid"} if name in _IDS else {})
        yield {"name": name, "in": "path", "required": True, "description": text, "schema": schema}


def _parts(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def _query_parameters(query: type[BaseModel] | None) -> Iterator[dict[str, Any]]:
    if query is None:
        return
    model = schemas_of([query])[query.__name__]
    for name, schema in model["properties"].items():
        text = schema.pop("description", "")
        kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
        # What isn't given is absent: a query has no null.
        kind = kinds[0] if kinds else schema
        required = name in model.get("required", ())
        yield {"name": name, "in": "query", "required": required, "description": text, "schema": kind}


def _headers(endpoint: Endpoint[Any, Any]) -> Iterator[dict[str, Any]]:
    if endpoint.handler.__name__ == "publish":
        yield {
            "name": IDEMPOTENCY_KEY,
            "in": "header",
            "required": False,
            "description": "the same as idempotency_key in the body",
            "schema": {"type": "string", "minLength": 1, "maxLength": 128},
        }

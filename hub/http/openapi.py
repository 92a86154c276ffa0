"""The HTTP API as an OpenAPI 3.1 document: `docs/openapi.json`, served at `/api/openapi.json`.

Generated from the table that the routes are made from. Nothing in it depends on a hub's options.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any, Final

import orjson
from pydantic import BaseModel

from channels.errors import ErrorCode
from channels.model import NAME_PATTERN
from hub.descriptions import Placed
from hub.http.api.answers import Failure
from hub.http.api.endpoint import Endpoint, Who
from hub.http.api.hooks import HookTaken
from hub.http.api.intake import JSON
from hub.http.api.publishing import IDEMPOTENCY_KEY
from hub.http.api.table import ENDPOINTS
from hub.schemas import reference, schemas_of

VERSION: Final = "1.0.0"

_ALWAYS: Final = (ErrorCode.PERMISSION_DENIED, ErrorCode.RATE_LIMITED, ErrorCode.INTERNAL)
"""Any request may end so: a foreign `Host` or `Origin`, too many requests from one address, a fault."""

_OF_WHO: Final = {
    Who.ANYONE: (),
    Who.CALLER: (ErrorCode.UNAUTHENTICATED, ErrorCode.INVALID_TOKEN),
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

_ACCEPTED: Final[dict[type[BaseModel], str]] = {
    Placed: "the broker is away, and it is published when that is back (`queued`)",
    HookTaken: "nothing was to be done with it (`ignored`)",
}
"""Answers that may have the status 202, and what that means."""

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
    return tuple(
        dict.fromkeys(
            (
                *(_OF_BODY if endpoint.body or endpoint.raw else ()),
                *(_OF_QUERY if endpoint.query else ()),
                *_OF_WHO[endpoint.who],
                *endpoint.errors,
                *_ALWAYS,
            )
        )
    )


def _models() -> Iterator[type[BaseModel]]:
    yield Failure
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
        "responses": _responses(endpoint),
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
    return [{}] if who is Who.ANYONE else [{"bearer": []}, {}]


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", path):
        text, pattern = _PARTS[name]
        schema = {"type": "string"} | ({"pattern": pattern} if pattern else {})
        yield {"name": name, "in": "path", "required": True, "description": text, "schema": schema}


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


def _responses(endpoint: Endpoint[Any, Any]) -> dict[str, Any]:
    responses = dict([_success(endpoint)])
    if endpoint.answer is not None and endpoint.answer in _ACCEPTED:
        responses["202"] = {
            "description": f"Accepted: {_ACCEPTED[endpoint.answer]}.",
            "content": {JSON: {"schema": reference(endpoint.answer)}},
        }
    for status, codes in _by_status(errors_of(endpoint)):
        responses[str(status)] = {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(f'`{code.word}`' for code in codes)}",
            "content": {JSON: {"schema": reference(Failure)}},
        }
        if status in (429, 503):
            responses[str(status)]["headers"] = {
                "Retry-After": {"description": "seconds, where that is known", "schema": {"type": "integer"}}
            }
    return responses


def _success(endpoint: Endpoint[Any, Any]) -> tuple[str, dict[str, Any]]:
    if endpoint.media:
        media = endpoint.media.split(";")[0]
        return "200", {"description": "text", "content": {media: {"schema": {"type": "string"}}}}
    if endpoint.answer is None:
        return "204", {"description": "done"}
    answers = (endpoint.answer, *endpoint.more_answers)
    schema: dict[str, Any] = (
        {"oneOf": list(map(reference, answers))} if len(answers) > 1 else reference(endpoint.answer)
    )
    return str(endpoint.status), {"description": _first_line(endpoint.answer), "content": {JSON: {"schema": schema}}}


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").split("\n")[0]


def _by_status(codes: Iterable[ErrorCode]) -> list[tuple[int, list[ErrorCode]]]:
    found: dict[int, list[ErrorCode]] = {}
    for code in codes:
        found.setdefault(code.status, []).append(code)
    return sorted(found.items())

"""The plain protocol as an AsyncAPI 3.0 document: `docs/asyncapi.json`, served at `/asyncapi.json`.

Generated from the models that parse commands (`hub.wire`) and describe messages (`hub.wire_messages`), and from the
tables of error and close codes. Nothing in it depends on a hub's options.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import orjson
from pydantic import BaseModel

from channels.errors import ErrorCode
from channels.messages import MESSAGES as TYPED
from channels.messages import json_schemas
from channels.model import NAME_PATTERN
from hub.closing import CloseCode, should_reconnect
from hub.descriptions import Publication
from hub.schemas import REFERENCE, reference, schemas_of
from hub.session_events import SESSION_EVENTS
from hub.stream_messages import MESSAGES as STREAMED
from hub.wire import ACTIONS, COMMANDS, Command
from hub.wire_messages import GREETINGS, HTTP_ONLY, MESSAGES, NOTICES, REPLIES, Direct, ErrorReply

VERSION: Final = "1.0.0"
"""Version of the protocol: the first number is `protocol` in the welcome."""

_CHANNEL: Final = {"$ref": "#/channels/connection"}


def asyncapi() -> dict[str, Any]:
    """Return the document."""
    of_websockets: tuple[type[BaseModel], ...] = (*COMMANDS, *MESSAGES, *SESSION_EVENTS.values())
    models = tuple(dict.fromkeys((*of_websockets, *STREAMED)))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tocsin",
            "version": VERSION,
            "description": "Channels over WebSocket, with history and recovery. One JSON object per text frame; a "
            "client may also send an array of commands.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"local": _server("ws"), "http": _server("http")},
        "channels": {"connection": _channel(of_websockets), "events": _stream()},
        "operations": _operations(),
        "components": {
            "messages": {model.__name__: _message(model) for model in models},
            "schemas": _schemas(models),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "x-error-codes": [
            {"code": code.word, "temporary": code.temporary} for code in ErrorCode if code not in HTTP_ONLY
        ],
        "x-close-codes": [
            {"code": int(code), "name": code.label, "reconnect": should_reconnect(code)} for code in CloseCode
        ],
    }


def asyncapi_json() -> str:
    """Return the document's text."""
    return orjson.dumps(asyncapi(), option=orjson.OPT_INDENT_2).decode() + "\n"


def data_schema(name: str) -> str:
    """Return the name under which the schema of a typed message's data stands among the schemas."""
    return f"data.{name}"


def _server(protocol: str) -> dict[str, Any]:
    return {
        "host": "127.0.0.1:8080",
        "protocol": protocol,
        "description": "a hub with default options",
        "security": [{"$ref": "#/components/securitySchemes/bearer"}],
    }


def _channel(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    query = {
        "type": "object",
        "properties": {
            "client_id": {
                "type": "string",
                "pattern": NAME_PATTERN,
                "description": "a label of the client's choice; without it the hub makes one",
            },
            "channels": {
                "type": "string",
                "description": "channels to be on at once, joined by commas, in place of those that the hub has for "
                "clients that don't ask; empty: none",
            },
        },
    }
    return {
        "address": "/ws",
        "title": "A WebSocket connection",
        "messages": {model.__name__: {"$ref": f"#/components/messages/{model.__name__}"} for model in models},
        "bindings": {"ws": {"method": "GET", "query": query}},
    }


def _stream() -> dict[str, Any]:
    return {
        "address": "/events",
        "title": "An event stream over HTTP",
        "description": "Server-Sent Events or newline-delimited JSON; docs/protocol.md, section 7.",
        "servers": [{"$ref": "#/servers/http"}],
        "messages": {model.__name__: {"$ref": f"#/components/messages/{model.__name__}"} for model in STREAMED},
    }


def _streaming() -> dict[str, Any]:
    parameters = {
        "channels": "names of channels, joined by commas",
        "since": "where to go on: CHANNEL:EPOCH:OFFSET, joined by commas",
        "events": "typed: events are named by the types of publications",
        "client_id": "a label of the client's choice",
        "ticket": "signs in",
    }
    properties = {name: {"type": "string", "description": text} for name, text in parameters.items()}
    query = {"type": "object", "required": ["channels"], "properties": properties, "additionalProperties": False}
    return {
        "action": "send",
        "channel": {"$ref": "#/channels/events"},
        "summary": "All that a stream has.",
        "messages": [{"$ref": f"#/channels/events/messages/{model.__name__}"} for model in STREAMED],
        "bindings": {"http": {"method": "GET", "query": query}},
    }


def _operations() -> dict[str, Any]:
    receives = {
        action: {
            "action": "receive",
            "channel": _CHANNEL,
            "summary": _summary(command),
            "messages": _references(command),
            "reply": {"channel": _CHANNEL, "messages": _references(REPLIES[action], ErrorReply)},
        }
        for action, command in ACTIONS.items()
    }
    sends: dict[str, tuple[str, tuple[type[BaseModel], ...]]] = {
        "greeting": ("The first message of a connection.", GREETINGS),
        "publication": ("What was published on the channels that the client is on.", (Publication,)),
        "session": ("What happens in a chat session, on its channel session:ID.", tuple(SESSION_EVENTS.values())),
        "direct": ("A message to one client.", (Direct,)),
        "notice": ("Sent without being asked for.", NOTICES),
    }
    return (
        receives
        | {
            name: {"action": "send", "channel": _CHANNEL, "summary": summary, "messages": _references(*messages)}
            for name, (summary, messages) in sends.items()
        }
        | {"stream": _streaming()}
    )


def _references(*models: type[BaseModel]) -> list[dict[str, str]]:
    return [{"$ref": f"#/channels/connection/messages/{model.__name__}"} for model in models]


def _message(model: type[BaseModel]) -> dict[str, Any]:
    return {
        "name": model.__name__,
        "title": "A command" if issubclass(model, Command) else "A message",
        "summary": _summary(model),
        "payload": reference(model),
    }


def _summary(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").split("\n")[0]


def _schemas(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    schemas = schemas_of(models)
    for name, schema in json_schemas().items():
        # Inside a document there is one dialect and one base for references.
        inner = {key: value for key, value in schema.items() if key not in ("$schema", "$id")}
        parts = {_part(name, part): _placed(name, found) for part, found in inner.pop("$defs", {}).items()}
        schemas |= parts | {data_schema(name): {**_placed(name, inner), "x-version": TYPED[name].version}}
    return schemas


def _part(message: str, part: str) -> str:
    """Name a part of a typed message's data, so that parts of several messages may have the same name of their own."""
    return f"{data_schema(message)}.{part}"


def _placed(message: str, schema: Any) -> Any:
    """Let references to a message's own parts lead to where those stand in the document."""
    if isinstance(schema, list):
        return [_placed(message, inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    own = "#/$defs/"
    return {
        key: REFERENCE.format(model=_part(message, value.removeprefix(own)))
        if key == "$ref" and value.startswith(own)
        else _placed(message, value)
        for key, value in schema.items()
    }

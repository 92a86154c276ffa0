"""The AsyncAPI document, and the page that says the same to people: docs/protocol.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs

from channels.errors import ErrorCode
from channels.messages import MESSAGES as TYPED
from hub.asyncapi import VERSION, asyncapi, asyncapi_json, data_schema
from hub.closing import CloseCode, should_reconnect
from hub.wire import ACTIONS
from hub.wire_messages import HTTP_ONLY, NOTICES, REPLIES, Welcome

DOCS = Path(__file__).parents[3] / "docs"
PROTOCOL = (DOCS / "protocol.md").read_text(encoding="utf-8")


def references(value: Any) -> Iterator[str]:
    """All references in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def table(heading: str, number: int = 0) -> list[list[str]]:
    """The cells of a table on the page, below a heading, without its head."""
    text = PROTOCOL.split(f"\n{heading}\n", 1)[1]
    section = re.split(r"\n##", text, maxsplit=1)[0]
    tables = re.findall(r"(?:^\|.*\n?)+", section, re.MULTILINE)
    rows = tables[number].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_kept_file_is_up_to_date() -> None:
    """`make docs` writes it."""
    assert (DOCS / "asyncapi.json").read_text(encoding="utf-8") == asyncapi_json()


def test_every_reference_leads_somewhere() -> None:
    """Within the document."""
    document = json.loads(asyncapi_json())
    found = set(references(document))
    assert found
    for pointer in found:
        target = document
        for part in pointer.removeprefix("#/").split("/"):
            target = target[part]


def test_every_schema_is_one() -> None:
    """Each compiles, and refers to what is there."""
    document = asyncapi()
    for name in document["components"]["schemas"]:
        jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


def test_every_action_is_an_operation() -> None:
    """With its command, its reply, and the error in its place."""
    operations = asyncapi()["operations"]
    receives = {name: operation for name, operation in operations.items() if operation["action"] == "receive"}
    assert set(receives) == set(ACTIONS)
    for action, operation in receives.items():
        (command,) = operation["messages"]
        assert command["$ref"].endswith(f"/{ACTIONS[action].__name__}")
        reply, error = operation["reply"]["messages"]
        assert reply["$ref"].endswith(f"/{REPLIES[action].__name__}")
        assert error["$ref"].endswith("/ErrorReply")


def test_data_of_typed_messages_is_described() -> None:
    """Builds, reviews, alerts and the hub's numbers."""
    assert {data_schema(name) for name in TYPED} <= set(asyncapi()["components"]["schemas"])


def test_the_version_is_the_welcome_s() -> None:
    """Its first number."""
    assert get_args(Welcome.model_fields["protocol"].annotation) == (int(VERSION.split(".")[0]),)


# docs/protocol.md


def fields(cell: str) -> dict[str, bool]:
    """The fields that a cell names, and whether they are optional."""
    return {name: bool(mark) for name, mark in re.findall(r"`(\w+)`(\?)?", cell)}


def test_the_page_has_the_same_commands() -> None:
    """The same actions, and the same fields: required, or optional."""
    told: dict[str, dict[str, bool]] = {}
    for actions, cell, *_ in table("## 3. What a client sends"):
        told |= dict.fromkeys(re.findall(r"`(\w+)`", actions), fields(cell))
    meant = {
        action: {
            name: not field.is_required() for name, field in model.model_fields.items() if name not in ("id", "action")
        }
        for action, model in ACTIONS.items()
    }
    # The page says "channel or channels": one of the two is needed, which no single field's mark can say.
    told["publish"] |= {"channel": True, "channels": True}
    assert told == meant


def test_the_page_has_the_same_replies() -> None:
    """Each action's reply has the type, and at its top the fields, that the model has."""
    for actions, _, reply in table("## 3. What a client sends"):
        model = REPLIES[actions.split("`")[1]]
        if model is Welcome:
            assert reply == "the welcome"
            continue
        (kind,) = get_args(model.model_fields["type"].annotation)
        assert reply.startswith(f'`{{"type": "{kind}"')
        flat = re.sub(r"\[.*\]", "", reply)
        named = {name: bool(mark) for name, mark in re.findall(r'(?<!: )"(\w+)"(\?)?', flat)}
        expected = {name: not field.is_required() for name, field in model.model_fields.items() if name != "id"}
        assert named == expected, actions


def test_the_page_has_the_same_notices() -> None:
    """No message is sent without being described."""
    told = [re.findall(r'"type": "(\w+)"', cell)[0] for cell, *_ in table("### 2.3 Notices")]
    assert sorted(told) == sorted(get_args(model.model_fields["type"].annotation)[0] for model in NOTICES)


def test_the_page_has_the_same_errors() -> None:
    """Those of messages, and those of HTTP alone; with the same opinion on trying again."""
    for number, codes in enumerate((set(ErrorCode) - HTTP_ONLY, HTTP_ONLY)):
        told = {cells[0].strip("`"): cells[1] == "yes" for cells in table("## 5. Errors", number)}
        assert told == {code.word: code.temporary for code in codes}


def test_the_page_has_the_same_close_codes() -> None:
    """By number and name, and whether to reconnect."""
    told = {(int(code), name, reconnect == "yes") for code, name, reconnect, _ in table("## 6. Close codes")}
    assert told == {(int(code), code.label, should_reconnect(code)) for code in CloseCode}


def test_the_document_has_the_same_codes() -> None:
    """Errors and close codes, for programs."""
    document = asyncapi()
    assert {row["code"]: row["temporary"] for row in document["x-error-codes"]} == {
        code.word: code.temporary for code in ErrorCode if code not in HTTP_ONLY
    }
    assert {row["code"]: row["reconnect"] for row in document["x-close-codes"]} == {
        int(code): should_reconnect(code) for code in CloseCode
    }

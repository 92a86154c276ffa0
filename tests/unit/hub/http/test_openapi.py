"""The OpenAPI document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
from openapi_spec_validator import OpenAPIV31SpecValidator

from hub.http.api.intake import JSON
from hub.http.api.table import ENDPOINTS
from hub.http.errors import PROBLEM_JSON
from hub.http.openapi import errors_of, openapi, openapi_json

FILE = Path(__file__).parents[4] / "docs" / "openapi.json"


def test_it_is_valid() -> None:
    """Against OpenAPI 3.1's own schema, references resolved."""
    document = json.loads(openapi_json())
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_the_kept_file_is_up_to_date() -> None:
    """`make docs` writes it."""
    assert FILE.read_text(encoding="utf-8") == openapi_json()


def test_it_has_every_endpoint() -> None:
    """Nothing more and nothing less than the table."""
    found = {(method.upper(), path) for path, item in openapi()["paths"].items() for method in item}
    assert found == {(row.method, row.path) for row in ENDPOINTS}


def test_every_refusal_is_told() -> None:
    """Each error's status stands among the answers, and each code in its description."""
    paths = openapi()["paths"]
    for row in ENDPOINTS:
        answers = paths[row.path][row.method.lower()]["responses"]
        for code in errors_of(row):
            assert f"`{code.word}`" in answers[str(code.status)]["description"], (row.path, code)


def test_examples_match_their_schemas() -> None:
    """What the page to try the API suggests is taken."""
    schemas: dict[str, Any] = openapi()["components"]["schemas"]
    shown = [name for name, schema in schemas.items() if "examples" in schema]
    assert len(shown) == len({row.body for row in ENDPOINTS if row.body is not None})
    for name in shown:
        root = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
        for example in schemas[name]["examples"]:
            jsonschema_rs.validator_for(root).validate(example)


def test_queries_have_no_null() -> None:
    """A parameter that isn't given is absent."""
    parameters = openapi()["paths"]["/api/connections"]["get"]["parameters"]
    assert {parameter["name"]: parameter["schema"]["type"] for parameter in parameters} == {
        "user": "string",
        "client_id": "string",
        "channel": "string",
        "search": "string",
        "sort": "string",
        "order": "string",
        "limit": "integer",
        "offset": "integer",
    }


def test_what_a_query_must_have_is_required() -> None:
    """The rest is not."""
    parameters = openapi()["paths"]["/api/deliveries"]["get"]["parameters"]
    assert [parameter["name"] for parameter in parameters if parameter["required"]] == ["channel"]


def test_what_is_a_users_own() -> None:
    """Needs a token, refuses with problem details, and tells what is left of the user's requests."""
    operation = openapi()["paths"]["/my/agents/{agent_id}"]["patch"]
    assert operation["security"] == [{"bearer": []}]
    assert operation["parameters"][0]["schema"] == {"type": "string", "format": "uuid"}
    for status, response in operation["responses"].items():
        assert list(response["content"]) == [JSON if status == "200" else PROBLEM_JSON]
        assert ("X-RateLimit-Remaining" in response.get("headers", {})) is (status != "401")
    assert "Retry-After" in operation["responses"]["429"]["headers"]
    assert {"400", "401", "404", "409", "422", "429", "503"} <= operation["responses"].keys()

"""What an endpoint may answer, as it stands in the document."""

from __future__ import annotations

from typing import Any

from channels.errors import ErrorCode
from hub.http.api.table import ENDPOINTS
from hub.http.openapi_responses import responses_of


def responses(method: str, path: str, *errors: ErrorCode) -> dict[str, Any]:
    [row] = [row for row in ENDPOINTS if (row.method, row.path) == (method, path)]
    return responses_of(row, errors)


def test_an_answer_of_several_kinds() -> None:
    """Each stands in the document."""
    kinds = responses("GET", "/my/sse/{session_id}")["200"]["content"]
    assert list(kinds) == ["application/x-ndjson", "text/event-stream"]


def test_what_was_accepted_only() -> None:
    """Has its own status, and isn't among the answers of another one."""
    found = responses("POST", "/my/chat/{session_id}/message/")
    schemas = {status: answer["content"]["application/json"]["schema"] for status, answer in found.items()}
    assert schemas == {
        "200": {"$ref": "#/components/schemas/Answered"},
        "202": {"$ref": "#/components/schemas/Accepted"},
    }


def test_what_may_be_accepted() -> None:
    """Stands under both."""
    found = responses("POST", "/api/publish")
    assert found["202"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Placed"}
    assert len(found["200"]["content"]["application/json"]["schema"]["oneOf"]) == 2


def test_refusals_of_one_status() -> None:
    """Are one answer, which names them all."""
    found = responses("GET", "/api/channels", ErrorCode.UNAUTHENTICATED, ErrorCode.INVALID_TOKEN)
    assert found["401"]["description"] == "Unauthorized: `unauthenticated`, `invalid_token`"
    assert list(found["401"]["content"]) == ["application/json"]

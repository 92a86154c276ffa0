"""One shape for every HTTP error of the hub, and one for those of users."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from channels.errors import ErrorCode, ReplyError
from hub.http.errors import BY_STATUS, error_response, from_aiohttp, problem_response, refusal, tells_problems

NOW = 1_700_000_000.5


def error_in(response: web.Response) -> dict[str, Any]:
    assert response.content_type == "application/json"
    assert isinstance(response.body, bytes)
    body = json.loads(response.body)
    assert list(body) == ["error"]
    found: dict[str, Any] = body["error"]
    return found


@pytest.mark.parametrize("code", list(ErrorCode))
def test_shape(code: ErrorCode) -> None:
    """Code, message and whether it may pass, as on the wire; the status is the code's."""
    response = error_response(ReplyError(code, "what to do"))
    assert error_in(response) == {"code": code.word, "message": "what to do", "temporary": code.temporary}
    assert response.status == code.status


def test_details() -> None:
    """They stand beside the message."""
    error = error_in(error_response(ReplyError(ErrorCode.INVALID_DATA, "no", path="/pool", limit=3)))
    assert (error["path"], error["limit"]) == ("/pool", 3)


def test_another_status_and_headers() -> None:
    """Where the caller knows better than the table."""
    response = error_response(ReplyError(ErrorCode.INVALID_COMMAND, "no"), 426, {"Upgrade": "websocket"})
    assert (response.status, response.headers["Upgrade"]) == (426, "websocket")


@pytest.mark.parametrize(("seconds", "header"), [(0.001, "1"), (1, "1"), (1.001, "2"), (5, "5")])
def test_retry_after(seconds: float, header: str) -> None:
    """The header knows whole seconds only: never too few of them. The body has them exactly."""
    response = error_response(ReplyError(ErrorCode.RATE_LIMITED, "no", retry_after=seconds))
    assert response.headers["Retry-After"] == header
    assert error_in(response)["retry_after"] == seconds
    assert "Retry-After" not in error_response(ReplyError(ErrorCode.RATE_LIMITED, "no")).headers


def test_challenge() -> None:
    """A 401 asks for a token (RFC 6750), and says so when there was a wrong one; nothing else asks."""
    headers = {code: error_response(ReplyError(code, "no")).headers.get("WWW-Authenticate") for code in ErrorCode}
    assert headers.pop(ErrorCode.UNAUTHENTICATED) == 'Bearer realm="tocsin"'
    assert headers.pop(ErrorCode.INVALID_TOKEN) == 'Bearer realm="tocsin", error="invalid_token"'
    assert set(headers.values()) == {None}


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (web.HTTPForbidden(), "permission_denied"),
        (web.HTTPNotFound(), "not_found"),
        (web.HTTPRequestEntityTooLarge(max_size=1, actual_size=2), "data_too_large"),
        (web.HTTPUpgradeRequired(), "invalid_command"),
        (web.HTTPBadRequest(), "invalid_command"),
        (web.HTTPNotImplemented(), "internal"),
    ],
)
def test_refusals_of_aiohttp(refused: web.HTTPException, code: str) -> None:
    """Have their own status, our shape, and a message without markup."""
    response = from_aiohttp(refused, "/api/x", NOW)
    assert response.status == refused.status
    assert error_in(response) == {"code": code, "message": refused.reason, "temporary": code == "internal"}


def test_a_wrong_method() -> None:
    """The answer names the right ones."""
    response = from_aiohttp(web.HTTPMethodNotAllowed("PUT", ["GET", "HEAD"]), "/api/x", NOW)
    assert (response.status, response.headers["Allow"]) == (405, "GET,HEAD")
    assert error_in(response)["code"] == "invalid_command"
    assert "Allow" not in from_aiohttp(web.HTTPNotFound(), "/api/x", NOW).headers


def test_the_table_of_statuses() -> None:
    """A status is given a code that has it, or one that asks for another command."""
    assert all(code.status == status or code is ErrorCode.INVALID_COMMAND for status, code in BY_STATUS.items())


def problem_in(response: web.Response) -> dict[str, Any]:
    assert response.content_type == "application/problem+json"
    assert isinstance(response.body, bytes)
    found: dict[str, Any] = json.loads(response.body)
    return found


@pytest.mark.parametrize("code", list(ErrorCode))
def test_problems_of_users(code: ErrorCode) -> None:
    """RFC 9457's members, ours beside them, and the headers that every error has."""
    error = ReplyError(code, "what to do", retry_after=1.5)
    response = refusal("/my/agents/", error, NOW)
    assert problem_in(response) == {
        "type": "about:blank",
        "title": problem_in(response)["title"],
        "status": code.status,
        "detail": "what to do",
        "code": code.word,
        "temporary": code.temporary,
        "timestamp": "2023-11-14T22:13:20.500000Z",
        "retry_after": 1.5,
    }
    plain = refusal("/api/publish", error, NOW)
    assert error_in(plain)["code"] == code.word
    assert {name: value for name, value in response.headers.items() if name != "Content-Type"} == {
        name: value for name, value in plain.headers.items() if name != "Content-Type"
    }


def test_a_detail_replaces_no_member() -> None:
    """Whatever it is called."""
    problem = problem_in(problem_response(ReplyError(ErrorCode.CONFLICT, "no", status="busy", type="x"), NOW))
    assert (problem["status"], problem["type"], problem["title"]) == (409, "about:blank", "Conflict")


@pytest.mark.parametrize(
    ("path", "theirs"),
    [
        ("/my/agents/", True),
        ("/my", True),
        ("/auth/login", True),
        ("/myself", False),
        ("/api/my/", False),
        ("/authority", False),
        ("/", False),
    ],
)
def test_which_paths_are_of_users(path: str, theirs: bool) -> None:
    """Those below `/my` and `/auth`, whether there is a route or not."""
    assert tells_problems(path) is theirs
    response = from_aiohttp(web.HTTPMethodNotAllowed("PUT", ["GET"]), path, NOW)
    assert (response.status, response.headers["Allow"]) == (405, "GET")
    assert (problem_in if theirs else error_in)(response)["code"] == "invalid_command"

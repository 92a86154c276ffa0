"""One shape for every HTTP error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from channels.errors import ErrorCode, ReplyError
from hub.http.errors import error_response, from_aiohttp


def fields(response: web.Response) -> dict[str, Any]:
    assert isinstance(response.body, bytes)
    body: dict[str, Any] = json.loads(response.body)
    assert list(body) == ["error"]
    error: dict[str, Any] = body["error"]
    return error


@pytest.mark.parametrize("code", ErrorCode)
def test_every_code_has_its_status(code: ErrorCode) -> None:
    """The body says the same as an error frame would."""
    response = error_response(ReplyError(code, "what happened", path="/a"))
    assert response.status == code.status
    assert response.content_type == "application/json"
    assert fields(response) == {
        "code": code.word,
        "message": "what happened",
        "temporary": code.temporary,
        "path": "/a",
    }


def test_a_401_says_how_to_authenticate() -> None:
    """Bare when there was no token, with the code when there was a bad one."""
    without = error_response(ReplyError(ErrorCode.UNAUTHENTICATED, ""))
    bad = error_response(ReplyError(ErrorCode.INVALID_TOKEN, ""))
    assert without.headers["WWW-Authenticate"] == 'Bearer realm="tocsin"'
    assert bad.headers["WWW-Authenticate"] == 'Bearer realm="tocsin", error="invalid_token"'


@pytest.mark.parametrize(("seconds", "header"), [(0.02, "1"), (1, "1"), (1.4, "2"), (5, "5")])
def test_retry_after_is_never_too_short(seconds: float, header: str) -> None:
    """The header knows whole seconds only, so it is rounded up."""
    response = error_response(ReplyError(ErrorCode.RATE_LIMITED, "", retry_after=seconds))
    assert response.headers["Retry-After"] == header


def test_another_status_and_more_headers() -> None:
    """Where the transport asks for them."""
    response = error_response(ReplyError(ErrorCode.INVALID_COMMAND, ""), 426, {"Upgrade": "websocket"})
    assert (response.status, response.headers["Upgrade"]) == (426, "websocket")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (web.HTTPForbidden(), "permission_denied"),
        (web.HTTPNotFound(), "not_found"),
        (web.HTTPMethodNotAllowed("POST", ["GET", "HEAD"]), "invalid_command"),
        (web.HTTPRequestEntityTooLarge(1, 2), "data_too_large"),
        (web.HTTPBadRequest(), "invalid_command"),
        (web.HTTPInternalServerError(), "internal"),
    ],
)
def test_aiohttps_own_refusals(error: web.HTTPException, code: str) -> None:
    """They keep their status, and get the hub's shape."""
    response = from_aiohttp(error)
    assert response.status == error.status
    assert fields(response)["code"] == code


def test_a_wrong_method_says_which_are_right() -> None:
    """In `Allow`."""
    assert from_aiohttp(web.HTTPMethodNotAllowed("POST", ["GET", "HEAD"])).headers["Allow"] == "GET,HEAD"
    assert "Allow" not in from_aiohttp(web.HTTPNotFound()).headers

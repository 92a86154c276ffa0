"""The two shapes of HTTP errors, and the one place that makes them.

The hub's own endpoints answer `{"error": {...}}`; those of users, below `/my` and `/auth`, answer problem details
(RFC 9457, `application/problem+json`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from aiohttp import web

from channels.clock import iso
from channels.errors import ErrorCode, ReplyError
from hub.auth import challenge

PROBLEM_JSON: Final = "application/problem+json"

BY_STATUS = {
    403: ErrorCode.PERMISSION_DENIED,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.INVALID_COMMAND,
    413: ErrorCode.DATA_TOO_LARGE,
    426: ErrorCode.INVALID_COMMAND,
}

_OF_USERS: Final = ("/my/", "/auth/")


class BrokenBody(ReplyError):
    """A body ended early, or was encoded wrongly. The connection can't be used for another request."""

    def __init__(self, message: str) -> None:
        super().__init__(ErrorCode.INVALID_COMMAND, message)


def tells_problems(path: str) -> bool:
    """Tell whether errors of a path are problem details."""
    return f"{path}/".startswith(_OF_USERS)


def refusal(path: str, error: ReplyError, now: float) -> web.Response:
    """Answer an error in the shape that its path has.

    Args:
        now: seconds since 1970, for `timestamp`.
    """
    return problem_response(error, now) if tells_problems(path) else error_response(error)


def error_response(
    error: ReplyError, status: int | None = None, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer `{"error": {"code", "message", "temporary", ...}}` with the status that belongs to the code."""
    status = status or error.code.status
    return _response({"error": error.as_dict()}, "application/json", error, status, headers)


def problem_response(
    error: ReplyError, now: float, status: int | None = None, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer problem details (RFC 9457): `type`, `title`, `status`, `detail`; and `code`, `temporary`, `timestamp`.

    `type` is `about:blank`: what is wrong is said by `code`, the word that every other transport has for it.
    """
    status = status or error.code.status
    problem = {
        **error.details,
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
        "code": error.code.word,
        "temporary": error.code.temporary,
        "timestamp": iso(now),
    }
    return _response(problem, PROBLEM_JSON, error, status, headers)


def from_aiohttp(error: web.HTTPException, path: str, now: float) -> web.Response:
    """Give aiohttp's own refusals (no such route, wrong method, body too large) the shape that their path has."""
    code = BY_STATUS.get(error.status, ErrorCode.INVALID_COMMAND if error.status < 500 else ErrorCode.INTERNAL)
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    refused = ReplyError(code, error.reason)
    if tells_problems(path):
        return problem_response(refused, now, error.status, headers)
    return error_response(refused, error.status, headers)


def _response(
    body: Mapping[str, Any], media: str, error: ReplyError, status: int, headers: Mapping[str, str] | None
) -> web.Response:
    extra = dict(headers or {})
    if status == 401:
        extra["WWW-Authenticate"] = challenge(error)
    if "retry_after" in error.details:
        extra["Retry-After"] = str(max(1, math.ceil(error.details["retry_after"])))
    return web.Response(body=orjson.dumps(body), status=status, content_type=media, headers=extra)

"""One shape for every HTTP error, and one place that makes it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import orjson
from aiohttp import web

from channels.errors import ErrorCode, ReplyError
from hub.auth import challenge

BY_STATUS = {
    403: ErrorCode.PERMISSION_DENIED,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.INVALID_COMMAND,
    413: ErrorCode.DATA_TOO_LARGE,
    426: ErrorCode.INVALID_COMMAND,
}


def error_response(
    error: ReplyError, status: int | None = None, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer `{"error": {"code", "message", "temporary", ...}}` with the status that belongs to the code."""
    status = status or error.code.status
    extra = dict(headers or {})
    if status == 401:
        extra["WWW-Authenticate"] = challenge(error)
    if "retry_after" in error.details:
        extra["Retry-After"] = str(max(1, math.ceil(error.details["retry_after"])))
    return web.Response(
        body=orjson.dumps({"error": error.as_dict()}), status=status, content_type="application/json", headers=extra
    )


def from_aiohttp(error: web.HTTPException) -> web.Response:
    """Give aiohttp's own refusals (no such route, wrong method, body too large) the same shape."""
    code = BY_STATUS.get(error.status, ErrorCode.INVALID_COMMAND if error.status < 500 else ErrorCode.INTERNAL)
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return error_response(ReplyError(code, error.reason), error.status, headers)

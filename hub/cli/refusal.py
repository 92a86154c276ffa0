"""What a hub says when it refuses: its error, over HTTP or in a frame, as the command's failure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from hub.cli.endpoint import TOKEN_VARIABLE
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import visible

_FORBIDDEN = {"permission_denied", "unauthenticated", "invalid_token", "unknown_channel", "conflict"}
_TEMPORARY = {429, 502, 503, 504}


def refused_over_http(status: int, body: bytes, url: str) -> Failure:
    """Turn an HTTP answer other than success into a failure."""
    error = _error(body)
    if error is not None:
        failure = refused(error)
        code = Exit.REFUSED if status in (401, 403) else failure.code
        return Failure(code, failure.lines, failure.temporary or status in _TEMPORARY)
    if status == HTTPStatus.NOT_FOUND:
        return Failure(Exit.UNREACHABLE, f"{url}: there is no hub (HTTP 404); check --url")
    if status in (401, 403):
        return Failure(Exit.REFUSED, f"{url}: refused (HTTP {status})")
    return Failure(Exit.FAILURE, f"{url}: answered HTTP {status} {_phrase(status)}".rstrip(), status in _TEMPORARY)


def refused(error: Mapping[str, Any]) -> Failure:
    """Turn the hub's error (`code`, `message`, `temporary` and details) into a failure."""
    code = str(error.get("code", "error"))
    lines = [visible(f"{error.get('message', 'refused')} ({code})")]
    if "path" in error:
        lines[0] += visible(f" at {error['path']}")
    if "retry_after" in error:
        lines[0] += visible(f"; try again in {error['retry_after']} s")
    names = error.get("available_channels")
    if isinstance(names, list):
        lines.append(visible(f"available channels: {', '.join(map(str, names)) or 'none'}"))
    if code == "unauthenticated":
        lines.append(f"give a token by ${TOKEN_VARIABLE} or --token-file; `tocsin token` makes one")
    return Failure(Exit.REFUSED if code in _FORBIDDEN else Exit.FAILURE, lines, error.get("temporary") is True)


def _error(body: bytes) -> Mapping[str, Any] | None:
    try:
        error = json.loads(body)["error"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return error if isinstance(error, dict) else None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""

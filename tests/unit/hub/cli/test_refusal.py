"""The hub's errors as failures of the command."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.cli.exits import Exit
from hub.cli.refusal import refused, refused_over_http

URL = "http://hub"


def body(code: str, **fields: Any) -> bytes:
    return json.dumps({"error": {"code": code, "message": "no", "temporary": False, **fields}}).encode()


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [
        (401, "unauthenticated", Exit.REFUSED),
        (401, "invalid_token", Exit.REFUSED),
        (403, "permission_denied", Exit.REFUSED),
        (404, "unknown_channel", Exit.REFUSED),
        (409, "conflict", Exit.REFUSED),
        (422, "invalid_data", Exit.FAILURE),
        (503, "unavailable", Exit.FAILURE),
    ],
)
def test_the_error_decides_how_the_command_ends(status: int, code: str, exit_code: Exit) -> None:
    """What a permission could change is a refusal; the rest is a failure."""
    failure = refused_over_http(status, body(code), URL)
    assert failure.code is exit_code
    assert failure.lines[0] == f"no ({code})"


def test_details_are_told() -> None:
    """Where the fault is, when to come back, which channels there are."""
    assert refused({"code": "invalid_data", "message": "m", "path": "/a/0"}).lines == ("m (invalid_data) at /a/0",)
    slow = refused({"code": "rate_limited", "message": "m", "temporary": True, "retry_after": 2})
    assert (slow.lines, slow.temporary) == (("m (rate_limited); try again in 2 s",), True)
    unknown = refused({"code": "unknown_channel", "message": "m", "available_channels": ["a", "b"]})
    assert unknown.lines[1] == "available channels: a, b"


def test_who_has_no_token_learns_how_to_get_one() -> None:
    """The one error that everyone meets."""
    assert "tocsin token" in refused({"code": "unauthenticated", "message": "m"}).lines[1]


@pytest.mark.parametrize(
    "garbage", [b"", b"<html>", b"[]", b"1", b'{"error": "x"}', pytest.param(b"[" * 100_000, id="deep"), b"\xff"]
)
def test_an_answer_of_something_else_is_told_by_its_status(garbage: bytes) -> None:
    """A proxy in between, or a server that is no hub."""
    gone = refused_over_http(502, garbage, URL)
    assert (gone.code, gone.lines, gone.temporary) == (Exit.FAILURE, (f"{URL}: answered HTTP 502 Bad Gateway",), True)
    assert refused_over_http(404, garbage, URL).code is Exit.UNREACHABLE
    assert refused_over_http(403, garbage, URL).code is Exit.REFUSED
    assert refused_over_http(299, garbage, URL).lines == (f"{URL}: answered HTTP 299",)


def test_an_error_can_not_steer_the_terminal() -> None:
    """Nor can the names of channels."""
    failure = refused({"code": "\x1b", "message": "\x1b[2J", "path": "\x07", "available_channels": ["\x9b"]})
    assert all(line.isprintable() for line in failure.lines)

"""Calls of the API's handlers, on a hub that is put together and not started."""

from __future__ import annotations

from typing import Any

from aiohttp.test_utils import make_mocked_request

from channels.policy import Principal
from hub.auth import OPERATOR
from hub.http.api.endpoint import Call
from hub.notify import Inbox
from hub.wiring import Hub, build
from tests.live import settings_for


def put_together(**options: Any) -> Hub:
    """Build an open hub with these options (dots written as double underscores)."""
    return build(settings_for(**options), inbox=Inbox())


def call(
    body: Any = None,
    query: Any = None,
    *,
    caller: Principal = OPERATOR,
    headers: dict[str, str] | None = None,
    **parts: str,
) -> Call[Any, Any]:
    """Make a call. `parts` are those of the path."""
    request = make_mocked_request("GET", "/", headers=headers or {}, match_info=parts)
    return Call(request, caller, body, query)

"""Which pages of other origins may read the API's answers: those in `server.origins`.

With cookies only where a browser signs in, and on event streams: nothing else takes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import aiohttp_cors
from aiohttp import web

from hub.hosts import DEFAULT_PORTS, parse_origin

ALLOWED_HEADERS: Final = ("Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "Prefer")
"""What a page may send."""

EXPOSED_HEADERS: Final = (
    "Retry-After",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-Id",
)
"""What a page may read, beside the body."""

MAX_AGE: Final = 600
"""Seconds for which a browser need not ask again."""


def add_cors(
    app: web.Application, routes: Sequence[web.AbstractRoute], origins: Iterable[str], *, cookies: bool = False
) -> None:
    """Let pages of `origins` use `routes`. Without origins nothing is added: preflights then end with 405.

    Args:
        cookies: let browsers send and take cookies there.
    """
    allowed = [text for text in map(as_sent, origins) if text]
    if not allowed:
        return
    options = aiohttp_cors.ResourceOptions(
        allow_credentials=cookies, expose_headers=EXPOSED_HEADERS, allow_headers=ALLOWED_HEADERS, max_age=MAX_AGE
    )  # type: ignore[no-untyped-call]
    cors = app[aiohttp_cors.APP_CONFIG_KEY] if aiohttp_cors.APP_CONFIG_KEY in app else aiohttp_cors.setup(app)
    for route in routes:
        cors.add(route, dict.fromkeys(allowed, options))


def as_sent(text: str) -> str:
    """Write an origin as browsers do: in lower case, without its scheme's port. Answers repeat it to the letter."""
    origin = parse_origin(text)
    if origin is None:
        return ""
    name = f"[{origin.name}]" if ":" in origin.name else origin.name
    port = "" if origin.port in (None, DEFAULT_PORTS.get(origin.scheme)) else f":{origin.port}"
    return f"{origin.scheme}://{name}{port}"

"""Which origins may read the API's answers. With real requests: tests/integration/test_api.py."""

from __future__ import annotations

import pytest
from aiohttp import web

from hub.http.cors import add_cors, as_sent


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://app.example.com", "https://app.example.com"),
        ("https://App.Example.com:443", "https://app.example.com"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://[0:0::1]:3000", "http://[::1]:3000"),
        ("nonsense", ""),
    ],
)
def test_origins_are_compared_as_browsers_send_them(written: str, sent: str) -> None:
    """The configuration may spell them otherwise."""
    assert as_sent(written) == sent


def test_without_origins_nothing_is_added() -> None:
    """No hook runs on requests then, and there is no preflight."""
    app = web.Application()
    route = app.router.add_get("/x", _never)
    add_cors(app, [route], ())
    assert len(app.on_response_prepare) == 0
    assert [other.method for other in app.router.routes()] == ["HEAD", "GET"]


def test_routes_get_a_preflight() -> None:
    """Each path once."""
    app = web.Application()
    resource = app.router.add_resource("/x")
    routes = [resource.add_route(method, _never) for method in ("PUT", "DELETE")]
    add_cors(app, routes, ["https://app.example.com"])
    assert [route.method for route in app.router.routes()] == ["PUT", "DELETE", "OPTIONS"]


async def _never(_request: web.Request) -> web.StreamResponse:
    raise AssertionError("not called")

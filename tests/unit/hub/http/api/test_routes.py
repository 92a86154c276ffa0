"""Routes made from the table. With real requests: tests/integration/test_api.py."""

from __future__ import annotations

from aiohttp import web

from hub.http.api.routes import add_api
from hub.http.api.table import ENDPOINTS
from tests.unit.hub.http.api.calls import put_together


async def test_every_row_becomes_a_route() -> None:
    """With HEAD beside each GET, and nothing else."""
    app = web.Application()
    add_api(app, put_together())
    routes = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource is not None}
    expected = {(row.method, row.path) for row in ENDPOINTS}
    assert routes == expected | {("HEAD", path) for method, path in expected if method == "GET"}


async def test_preflights_come_with_origins() -> None:
    """Each path then answers OPTIONS."""
    app = web.Application()
    add_api(app, put_together(server__origins=["https://app.example.com"]))
    paths = {r.resource.canonical for r in app.router.routes() if r.method == "OPTIONS" and r.resource is not None}
    assert paths == {row.path for row in ENDPOINTS}


async def test_an_id_is_no_word() -> None:
    """A path with a word in an id's place is another one, whatever the method."""
    app = web.Application()
    add_api(app, put_together())
    found = {
        path: {
            route.resource.canonical
            for route in app.router.routes()
            if route.resource is not None and route.resource._match(path) is not None  # type: ignore[attr-defined]
        }
        for path in ("/my/agents/starter", "/my/agents/0b5c1f9e-6a2d-4a53-9d3e-0123456789ab", "/my/agents/12345")
    }
    assert list(found.values()) == [{"/my/agents/starter"}, {"/my/agents/{agent_id}"}, set()]

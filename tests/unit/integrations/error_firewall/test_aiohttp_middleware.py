"""Recording what handlers of an aiohttp application fail with."""

from __future__ import annotations

from typing import NoReturn

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from integrations.error_firewall.aiohttp_middleware import error_middleware
from integrations.error_firewall.model import Record
from tests.firewall_kit import firewall_with


async def fail(request: web.Request) -> NoReturn:
    raise LookupError("no such order")


async def refuse(request: web.Request) -> NoReturn:
    raise web.HTTPConflict


async def answer(request: web.Request) -> web.Response:
    return web.Response(text="fine")


async def test_what_a_handler_fails_with_is_recorded() -> None:
    """By its route; answers, also those that are raised, are not. What the client gets doesn't change."""
    firewall = firewall_with()
    app = web.Application(middlewares=[error_middleware(firewall)])
    app.router.add_get("/orders/{number}", fail)
    app.router.add_post("/orders", refuse)
    app.router.add_get("/fine", answer)
    async with TestClient(TestServer(app)) as client:
        statuses = [
            (await client.get("/orders/7?password=hunter2")).status,
            (await client.get("/orders/7")).status,
            (await client.post("/orders")).status,
            (await client.get("/fine")).status,
            (await client.get("/nowhere")).status,
        ]
    assert statuses == [500, 500, 409, 200, 404]
    (record,) = firewall.index.entries()
    assert isinstance(record, Record)
    assert (record.operation, record.error_type, record.params) == (
        "GET /orders/{number}",
        "LookupError",
        {"number": "7"},
    )
    assert record.occurrences == 2
    assert record.frames[0] == "test_aiohttp_middleware.py:fail"

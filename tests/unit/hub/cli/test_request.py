"""One HTTP request to a hub."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.cli.endpoint import Endpoint, endpoint_of
from hub.cli.exits import Exit, Failure
from hub.cli.request import object_of, request


async def handle(asked: web.Request) -> web.StreamResponse:
    """Hang, hang up, or say what came."""
    match asked.path:
        case "/hang":
            await asyncio.sleep(30)
        case "/cut":
            assert asked.transport is not None
            asked.transport.abort()
    return web.json_response(
        {"asked": asked.path_qs, "body": await asked.text(), "token": "Authorization" in asked.headers}
    )


def again(endpoint: Endpoint, why: str) -> Failure:
    return Failure(Exit.FAILURE, f"try again: {why}")


async def test_what_is_asked_arrives() -> None:
    """The body as JSON, if there is one; the token in a header, if there is one."""
    app = web.Application()
    app.router.add_route("*", "/{path}", handle)
    async with TestServer(app) as server:
        hub = endpoint_of(str(server.make_url("/")))
        read = await request(hub, None, "GET", "/a", timeout=5, query={"n": "1 2"})
        assert object_of(read, hub) == {"asked": "/a?n=1+2", "body": "", "token": False}
        read = await request(hub, "a.b.c", "POST", "/a", timeout=5, body={"x": 1})
        assert object_of(read, hub) == {"asked": "/a", "body": '{"x": 1}', "token": True}


@pytest.mark.parametrize(("path", "why"), [("/hang", "no answer within 0 s"), ("/cut", "Server disconnected")])
async def test_no_answer_is_a_failure_of_the_askers(path: str, why: str) -> None:
    """Who knows whether to ask again."""
    app = web.Application()
    app.router.add_get("/{path}", handle)
    async with TestServer(app) as server:
        hub = endpoint_of(str(server.make_url("/")))
        with pytest.raises(Failure, match=why) as caught:
            await request(hub, None, "GET", path, timeout=0.3)
        assert caught.value.code is Exit.UNREACHABLE
        with pytest.raises(Failure, match=f"^try again: {why}"):
            await request(hub, None, "GET", path, timeout=0.3, failure=again)


def test_what_is_no_object_is_no_hubs() -> None:
    """It is said with the address, and what to look at."""
    hub = endpoint_of("http://127.0.0.1:8080")
    for content in (b"hello", b"[]", b"\xff"):
        with pytest.raises(Failure, match=r"^http://127.0.0.1:8080: something answers there, but no hub; check --url$"):
            object_of(content, hub)

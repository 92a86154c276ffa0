"""Requests of `tocsin firewall`, and parameters on the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.cli.endpoint import endpoint_of
from hub.cli.exits import Exit, Failure
from hub.cli.firewall_requests import Firewall, values_of


@dataclass
class Api:
    """Answers everything in the same way, and keeps what came."""

    url: str = ""
    status: int = 200
    text: str = '{"a": 1}'
    requests: list[tuple[str, str, Any, str | None]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        self.requests.append((request.method, request.raw_path, body, request.headers.get("Authorization")))
        return web.Response(text=self.text, status=self.status)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    double = Api()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", double.handle)
    async with TestServer(app) as server:
        double.url = str(server.make_url("/"))
        yield double


async def test_what_is_there_is_sent(api: Api) -> None:
    """The token in its header; what is None is left out."""
    firewall = Firewall(endpoint_of(api.url), "a.b.c")
    assert await asyncio.to_thread(firewall.get, "/records", status="observed", text="a b&c", limit=None) == {"a": 1}
    await asyncio.to_thread(firewall.post, "/check", {"operation": "x", "reason": None, "params": {}})
    assert api.requests == [
        ("GET", "/api/firewall/records?status=observed&text=a+b%26c", None, "Bearer a.b.c"),
        ("POST", "/api/firewall/check", {"operation": "x", "params": {}}, "Bearer a.b.c"),
    ]
    assert "a.b.c" not in repr(firewall)


@pytest.mark.parametrize(
    ("status", "text", "code"),
    [
        (200, "hello", Exit.UNREACHABLE),
        (200, "[]", Exit.UNREACHABLE),
        (307, "{}", Exit.FAILURE),
        (403, '{"error": {"code": "permission_denied", "message": "no"}}', Exit.REFUSED),
        (503, '{"error": {"code": "unavailable", "message": "later", "temporary": true}}', Exit.FAILURE),
    ],
)
async def test_what_is_no_good_answer_is_a_failure(api: Api, status: int, text: str, code: Exit) -> None:
    """With an exit code that says which."""
    api.status, api.text = status, text
    with pytest.raises(Failure) as caught:
        await asyncio.to_thread(Firewall(endpoint_of(api.url), None).get, "/stats")
    assert caught.value.code is code


def test_nobody_answers() -> None:
    """The address, and what to do."""
    with pytest.raises(Failure, match="nothing listens there") as caught:
        Firewall(endpoint_of("http://127.0.0.1:1"), None).get("/stats")
    assert caught.value.code is Exit.UNREACHABLE


def test_values_are_text_or_json() -> None:
    """A value may hold further signs."""
    given = ["a=1", "b:=1", 'c:={"d": [null]}', "e=x=y", "f=", "g:h=i", "j:=true"]
    assert values_of("parameter", given) == {
        "a": "1",
        "b": 1,
        "c": {"d": [None]},
        "e": "x=y",
        "f": "",
        "g:h": "i",
        "j": True,
    }


@pytest.mark.parametrize("wrong", ["a", "=1", ":=1", "a:=x", "a:=NaN", "a:="])
def test_other_values_are_wrong_usage(wrong: str) -> None:
    """With a word on what was expected."""
    with pytest.raises(Failure, match="parameter: ") as caught:
        values_of("parameter", [wrong])
    assert caught.value.code is Exit.USAGE


def test_a_name_stands_once() -> None:
    """Or nobody knows which one counts."""
    with pytest.raises(Failure, match="a is there twice"):
        values_of("parameter", ["a=1", "a:=2"])

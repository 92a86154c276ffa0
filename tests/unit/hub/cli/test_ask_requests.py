"""Questions to a hub."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.cli.ask_requests import ask_hub
from hub.cli.endpoint import endpoint_of
from hub.cli.exits import Exit, Failure
from integrations.rag_trainer.answers import Answer, Question

ANSWER = Answer(question="x", mode="hybrid", passages=(), timings_ms={"total": 1.0}, documents=0, chunks=0)
ASKED = Question(text="x")


@dataclass
class Api:
    """Answers everything in the same way, and keeps the tokens."""

    url: str = ""
    status: int = 200
    text: str = ANSWER.model_dump_json()
    tokens: list[str | None] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.tokens.append(request.headers.get("Authorization"))
        return web.Response(text=self.text, status=self.status)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    double = Api()
    app = web.Application()
    app.router.add_post("/query", double.handle)
    async with TestServer(app) as server:
        double.url = str(server.make_url("/"))
        yield double


async def test_a_hub_answers(api: Api) -> None:
    """The token goes in its header."""
    assert await asyncio.to_thread(ask_hub, endpoint_of(api.url), "a.b.c", ASKED) == ANSWER
    assert api.tokens == ["Bearer a.b.c"]


@pytest.mark.parametrize(
    ("status", "text", "code"),
    [
        (200, "hello", Exit.UNREACHABLE),
        (200, '{"passages": []}', Exit.UNREACHABLE),
        (307, "{}", Exit.FAILURE),
        (403, '{"error": {"code": "permission_denied", "message": "no"}}', Exit.REFUSED),
        (404, "", Exit.UNREACHABLE),
        (503, '{"error": {"code": "unavailable", "message": "later", "temporary": true}}', Exit.FAILURE),
    ],
)
async def test_what_is_no_good_answer_is_a_failure(api: Api, status: int, text: str, code: Exit) -> None:
    """With an exit code that says which."""
    api.status, api.text = status, text
    with pytest.raises(Failure) as caught:
        await asyncio.to_thread(ask_hub, endpoint_of(api.url), None, ASKED)
    assert caught.value.code is code


def test_nobody_answers() -> None:
    """The address, and what to do."""
    with pytest.raises(Failure, match="nothing listens there") as caught:
        ask_hub(endpoint_of("http://127.0.0.1:1"), None, ASKED)
    assert caught.value.code is Exit.UNREACHABLE

"""Questions to a hub and to a library's file."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.cli.ask_requests import ask_hub, ask_library
from hub.cli.endpoint import endpoint_of
from hub.cli.exits import Exit, Failure
from integrations.rag_trainer.answers import Answer, Question
from integrations.rag_trainer.child import Child, start

ANSWER = Answer(question="x", mode="hybrid", passages=(), timings_ms={"total": 1.0}, documents=0, chunks=0)
ASKED = Question(text="x")

_WORKER = """
import json, sys
order = json.loads(sys.stdin.readline())["order"]
print(json.dumps({"kind": "ready"}), flush=True)
asked = json.loads(sys.stdin.readline())
answer = {"question": order["options"]["library"], "mode": "hybrid", "passages": [], "timings_ms": {}, "documents": 0,
          "chunks": 0}
print(json.dumps({"kind": KIND, "id": asked["id"], "answer": answer, "text": "the extra rag is missing"}), flush=True)
sys.stdin.read()
"""


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


def _worker(kind: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"KIND = {kind!r}\n{_WORKER}")


def test_a_library_is_asked_in_a_process_of_its_own(tmp_path: Path) -> None:
    """Which is told the file, and ends with the command."""
    library = tmp_path / "library.sqlite"
    library.touch()
    started: list[Child] = []

    async def begin() -> Child:
        started.append(await start(_worker("answer")))
        return started[0]

    assert ask_library(str(library), ASKED, begin).question == str(library)
    assert started[0].code is not None


def test_a_library_that_cannot_be_asked(tmp_path: Path) -> None:
    """Says the worker's words; a file that isn't there is wrong usage."""
    library = tmp_path / "library.sqlite"
    library.touch()
    with pytest.raises(Failure, match="the extra rag is missing") as caught:
        ask_library(str(library), ASKED, lambda: start(_worker("fault")))
    assert caught.value.code is Exit.FAILURE
    with pytest.raises(Failure, match="tocsin train") as missing:
        ask_library(str(tmp_path / "other"), ASKED)
    assert missing.value.code is Exit.USAGE

"""`tocsin why`, against a scripted API."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.cli import why
from hub.cli.exits import Exit
from hub.cli.terminal import Terminal

LOST = "Session s-1: it was lost."
BACK = "Session s-2: it was replayed\x1b[31m."
ANSWER: dict[str, Any] = {
    "deliveries": [
        {
            "publication": {"epoch": "e1", "offset": 42},
            "verdict": "replayed",
            "explanation": f"{LOST} {BACK}",
            "evidence": [
                {"session": "s-2", "verdict": "replayed", "explanation": BACK},
                {"session": "s-1", "verdict": "written_then_lost", "explanation": LOST},
                {"session": "s-0", "verdict": "not_connected", "explanation": "Session s-0: it ended before."},
            ],
        }
    ],
    "partial": True,
    "missing": ["n-2"],
}


class Api:
    """Gives one answer, and keeps what was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.queries: list[dict[str, str]] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.queries.append(dict(request.query))
        return web.json_response(ANSWER)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """An API that listens."""
    double = Api()
    app = web.Application()
    app.router.add_get("/api/deliveries", double.handle)
    async with TestServer(app) as server:
        double.url = str(server.make_url("/"))
        yield double


async def run(*arguments: str) -> tuple[str, str]:
    """Run the command beside the loop that serves the API; return what it printed."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    why.configure(parser)
    out, err = io.StringIO(), io.StringIO()
    assert await asyncio.to_thread(why.run, parser.parse_args(arguments), Terminal(out, err)) == Exit.OK
    return out.getvalue(), err.getvalue()


async def test_the_answer_in_lines(api: Api) -> None:
    """What the sentence says already isn't said again; nobody's data steers the terminal."""
    out, err = await run("alice", "news", "42", "--url", api.url)
    assert out.splitlines() == [
        f"e1:42  replayed  {LOST} Session s-2: it was replayed\\u001b[31m.",
        "  not_connected  Session s-0: it ended before.",
    ]
    assert err == "not the whole truth: these processes did not answer: n-2\n"


async def test_what_is_asked(api: Api) -> None:
    """Of whom, and which publications."""
    await run("alice", "news", "42", "--epoch", "e1", "--url", api.url)
    await run("tab", "news", "--by", "client-id", "--last", "5", "--url", api.url)
    assert api.queries == [
        {"user": "alice", "channel": "news", "offset": "42", "epoch": "e1", "limit": "1"},
        {"client_id": "tab", "channel": "news", "limit": "5"},
    ]


async def test_the_answer_as_it_came(api: Api) -> None:
    """For programs."""
    out, _ = await run("alice", "news", "--json", "--url", api.url)
    assert json.loads(out) == ANSWER

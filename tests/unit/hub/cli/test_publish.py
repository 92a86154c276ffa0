"""`tocsin publish`, against a scripted API."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.cli import publish
from hub.cli.exits import Exit, Failure
from hub.cli.publish import data_of, report
from hub.cli.terminal import Terminal


@dataclass
class Api:
    """Answers every publish in the same way, and keeps what came."""

    url: str = ""
    status: int = 200
    answer: Any = field(default_factory=lambda: {"channel": "c", "epoch": "e1", "offset": 7, "subscribers": 2})
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.json())
        self.headers.append(dict(request.headers))
        text = self.answer if isinstance(self.answer, str) else json.dumps(self.answer)
        return web.Response(text=text, status=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """An API that listens."""
    double = Api()
    app = web.Application()
    app.router.add_post("/api/publish", double.handle)
    async with TestServer(app) as server:
        double.url = str(server.make_url("/"))
        yield double


async def run(*arguments: str) -> str:
    """Run the command beside the loop that serves the API; return its result."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    publish.configure(parser)
    out = io.StringIO()
    assert await asyncio.to_thread(publish.run, parser.parse_args(arguments), Terminal(out, io.StringIO())) == Exit.OK
    return out.getvalue()


async def failure(*arguments: str) -> Failure:
    with pytest.raises(Failure) as caught:
        await run(*arguments)
    return caught.value


async def test_a_message_is_posted(api: Api) -> None:
    """Only what was given goes into the body."""
    assert await run("c", "t", '{"a": [1, "ü", null]}', "--url", api.url) == "published on c at e1:7, 2 subscribers\n"
    assert api.bodies == [{"channel": "c", "type": "t", "data": {"a": [1, "ü", None]}}]
    assert "Authorization" not in api.headers[0]


async def test_keys_and_token_go_along(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The token in its header, the keys in the body."""
    monkeypatch.setenv("TOCSIN_TOKEN", "a.b.c")
    await run("c", "t", "1", "--url", api.url, "--key", "k", "--idempotency-key", "i")
    assert api.bodies == [{"channel": "c", "type": "t", "data": 1, "key": "k", "idempotency_key": "i"}]
    assert api.headers[0]["Authorization"] == "Bearer a.b.c"


async def test_data_comes_from_standard_input(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """For what is long, or made by a program."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"from": "stdin"}\n')))
    await run("c", "t", "-", "--url", api.url)
    assert api.bodies[0]["data"] == {"from": "stdin"}


def test_standard_input_that_is_no_text_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was taken for another one."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\xff")))
    with pytest.raises(Failure) as caught:
        data_of("-")
    assert caught.value.code is Exit.USAGE


@pytest.mark.parametrize("text", ["", "{", "hello", "NaN", "-Infinity", pytest.param("[" * 100_000, id="deep")])
def test_what_is_no_json_is_not_sent(text: str) -> None:
    """It is told at once, with a word on quotes."""
    with pytest.raises(Failure, match="needs quotes of its own") as caught:
        data_of(text)
    assert caught.value.code is Exit.USAGE


async def test_a_refusal_is_told_in_the_hubs_words(api: Api) -> None:
    """With its exit code."""
    api.status = 404
    api.answer = {"error": {"code": "unknown_channel", "message": "Invalid channel: X", "available_channels": ["a"]}}
    refused = await failure("X", "t", "1", "--url", api.url)
    assert refused.code is Exit.REFUSED
    assert refused.lines == ("Invalid channel: X (unknown_channel)", "available channels: a")


async def test_a_channel_without_history_gives_no_position(api: Api) -> None:
    """There is nothing to recover from."""
    api.answer = {"channel": "c", "epoch": None, "offset": None, "subscribers": 1, "duplicate": False}
    assert await run("c", "t", "1", "--url", api.url) == "published on c, 1 subscriber\n"


@pytest.mark.parametrize("answer", ["hello", "[]", "1"])
async def test_something_that_is_no_hub_is_told(api: Api, answer: str) -> None:
    """Any web server may answer 200."""
    api.answer = answer
    assert (await failure("c", "t", "1", "--url", api.url)).code is Exit.UNREACHABLE


async def test_a_redirect_is_not_followed(api: Api) -> None:
    """It would take the token elsewhere."""
    api.status = 307
    assert "HTTP 307" in (await failure("c", "t", "1", "--url", api.url)).lines[0]
    assert len(api.bodies) == 1


async def test_nothing_listens() -> None:
    """The URL, and how to start a hub."""
    refused = await failure("c", "t", "1", "--url", "http://127.0.0.1:1")
    assert refused.code is Exit.UNREACHABLE
    assert "http://127.0.0.1:1: nothing listens there" in refused.lines[0]


async def test_a_connection_that_breaks_leaves_it_open_what_happened() -> None:
    """The message may have been published, and there is a way to find out."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        broken = await failure("c", "t", "1", "--url", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert broken.code is Exit.UNREACHABLE
    assert "--idempotency-key" in broken.lines[1]


def test_a_repetition_is_told() -> None:
    """Nothing was delivered again."""
    line = report("c", {"epoch": "e", "offset": 1, "subscribers": 0, "duplicate": True})
    assert line == "published on c at e:1 before, with the same idempotency key; nothing was delivered again"


async def test_a_version_goes_along(api: Api) -> None:
    """Under its name in the body."""
    await run("deploys", "started", "1", "--url", api.url, "--data-version", "7")
    assert api.bodies[-1]["version"] == 7


def test_what_was_not_published_now_is_told() -> None:
    """Neither of them has a new position."""
    old = {"epoch": "e", "offset": 3, "subscribers": 0, "duplicate": False, "superseded": True}
    assert report("c", old) == "not published: c has this version or a newer one"
    later = {"subscribers": 0, "duplicate": False, "queued": True}
    assert report("c", later) == "accepted for c; published when the hub has its broker back"

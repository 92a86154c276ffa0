"""What a local analysis tells a hub."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from channels.messages import AnalysisProgress
from hub.cli import analyze_relay
from hub.cli.analyze_relay import BATCH, Relay
from hub.cli.endpoint import endpoint_of


class Api:
    """Takes batches; answers as the test says."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.refuse = False
        self.numbers: list[list[int]] = []
        self.tokens: list[str | None] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def handle(self, request: web.Request) -> web.Response:
        rows = (await request.json())["publications"]
        await self.gate.wait()
        self.numbers.append([row["data"]["files_done"] for row in rows])
        self.tokens.append(request.headers.get("Authorization"))
        if self.status != 200:
            error = {"code": "permission_denied", "message": "not you", "temporary": False}
            return web.json_response({"error": error}, status=self.status)
        error = {"channel": "ai_analysis", "error": {"message": "too many"}}
        return web.json_response({"results": [error if self.refuse else {"offset": 1} for _ in rows]})


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """An API that listens."""
    double = Api()
    app = web.Application()
    app.router.add_post("/api/publish/batch", double.handle)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    double.url = str(server.make_url("/"))
    yield double
    await server.close()


def message(number: int) -> AnalysisProgress:
    return AnalysisProgress(
        analysis_id="a", repository="r", files_done=number, files_total=9999, progress=0, findings=0
    )


async def relayed(url: str, count: int, token: str | None = None) -> Relay:
    relay = Relay(endpoint_of(url), token)
    for number in range(count):
        relay.put("ai_analysis", "analysis_progress", message(number))
    relay.close()
    async with asyncio.timeout(15):
        await relay.run()
    return relay


async def test_messages_go_in_order_and_in_batches(api: Api) -> None:
    """With the token in its header."""
    relay = await relayed(api.url, 2 * BATCH + 5, "a.b.c")
    assert [len(batch) for batch in api.numbers] == [BATCH, BATCH, 5]
    assert [number for batch in api.numbers for number in batch] == list(range(2 * BATCH + 5))
    assert set(api.tokens) == {"Bearer a.b.c"}
    assert (relay.sent, relay.dropped, relay.complaint) == (2 * BATCH + 5, 0, None)


async def test_it_waits_for_more(api: Api) -> None:
    """Until it is closed."""
    relay = Relay(endpoint_of(api.url), None)
    task = asyncio.create_task(relay.run())
    for number in range(3):
        relay.put("ai_analysis", "analysis_progress", message(number))
        async with asyncio.timeout(15):
            while relay.sent <= number:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.001)
    relay.close()
    await task
    assert api.numbers == [[0], [1], [2]]


async def test_what_is_refused_is_counted(api: Api) -> None:
    """As a whole, or one by one; the first reason is kept."""
    api.status = 403
    relay = await relayed(api.url, 3)
    assert (relay.sent, relay.dropped, relay.complaint) == (0, 3, "not you (permission_denied)")
    api.status, api.refuse = 200, True
    relay = await relayed(api.url, 3)
    assert (relay.sent, relay.dropped, relay.complaint) == (0, 3, "too many")


async def test_nobody_there_is_counted(unused_tcp_port: int) -> None:
    """Nothing is raised."""
    relay = await relayed(f"http://127.0.0.1:{unused_tcp_port}", 3)
    assert relay.dropped == 3
    assert "127.0.0.1" in str(relay.complaint)


async def test_a_silent_hub_is_given_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while."""
    monkeypatch.setattr(analyze_relay, "TIMEOUT", 0.2)
    api.gate.clear()
    relay = await relayed(api.url, 1)
    assert (relay.dropped, relay.complaint) == (1, "no answer within 0 s")
    api.gate.set()


async def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The analysis never waits."""
    monkeypatch.setattr(analyze_relay, "WAITING_MAX", 2)
    relay = Relay(endpoint_of("http://127.0.0.1:1"), None)
    taken: list[Any] = [relay.put("ai_analysis", "analysis_progress", message(number)) for number in range(3)]
    assert taken == [True, True, False]
    assert (relay.dropped, relay.complaint) == (1, "the hub is too slow")

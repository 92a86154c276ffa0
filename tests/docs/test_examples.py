"""The programs in `examples/`, run as their reader runs them."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from hub.closing import CloseCode
from hub.notify import INBOX
from hub.options import ServerOptions, Settings
from hub.sections.system_stats import SystemStatsOptions
from tests.docs.pages import ROOT
from tests.docs.snippets import environment
from tests.kit import eventually
from tests.live import LiveHub, running, settings_for
from tests.needs import NODE_PROJECT

EXAMPLES = ROOT / "examples"


class Program:
    """A program that runs, and its lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def line(self) -> str:
        """Return the next line that it prints."""
        assert self._process.stdout is not None
        async with asyncio.timeout(15):
            return (await self._process.stdout.readline()).decode().strip()

    async def message(self) -> Any:
        """Return the next line, which is JSON."""
        return json.loads(await self.line())


@asynccontextmanager
async def started(*command: str, **variables: str) -> AsyncIterator[Program]:
    """Run a program beside the test."""
    process = await asyncio.create_subprocess_exec(
        *command, env={**environment(), **variables}, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def serving(path: str, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[int]:
    """Serve one path beside the test; yield the port."""
    app = web.Application()
    app.router.add_route("*", path, handler)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def until(condition: Callable[[], object]) -> None:
    """Wait for what another process does."""
    async with asyncio.timeout(15):
        while not condition():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def cut(hub: LiveHub) -> None:
    """Cut all connections. Clients can't be back yet when this returns."""
    for connection in hub.hub.connections:
        connection.abort()
    await eventually(lambda: not hub.hub.engine.registry.count("ai_analysis"))


@pytest.fixture(params=["python", "node"])
def follower(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, ...]:
    """The command of a client that follows."""
    if request.param == "python":
        return (sys.executable, str(EXAMPLES / "follow.py"))
    node: Path = request.getfixturevalue("node_path")
    prelude = tmp_path / "websocket.cjs"
    prelude.write_text(f"globalThis.WebSocket ??= require({str(NODE_PROJECT / 'node_modules' / 'ws')!r});")
    return (str(node), "--require", str(prelude), str(EXAMPLES / "follow.mjs"))


def _address(hub: LiveHub) -> str:
    return f"ws://127.0.0.1:{hub.port}/ws?client_id=follower"


async def test_a_follower_misses_nothing(hub: LiveHub, follower: tuple[str, ...]) -> None:
    """Whatever is published while it is cut off, before its first message and later."""
    async with started(*follower, _address(hub), "ai_analysis") as program:
        for round in range(3):
            await until(lambda: hub.hub.engine.registry.count("ai_analysis"))
            if round:
                await hub.publish("ai_analysis", "step", {"n": 10 * round})
                assert (await program.message())["data"] == {"n": 10 * round}
            await cut(hub)
            for n in (1, 2):
                await hub.publish("ai_analysis", "step", {"n": 10 * round + n})
            assert [(await program.message())["data"]["n"] for _ in range(2)] == [10 * round + 1, 10 * round + 2]


async def test_a_follower_says_that_something_is_missing(hub: LiveHub, follower: tuple[str, ...]) -> None:
    """When history was forgotten meanwhile; what history holds comes behind."""
    async with started(*follower, _address(hub), "ai_analysis") as program:
        await until(lambda: hub.hub.engine.registry.count("ai_analysis"))
        await hub.publish("ai_analysis", "step", {"n": 1})
        assert (await program.message())["data"] == {"n": 1}
        await cut(hub)
        await hub.hub.broker.forget("ai_analysis")
        await hub.publish("ai_analysis", "step", {"n": 2})
        assert await program.line() == "gap"
        assert (await program.message())["data"] == {"n": 2}


async def test_a_follower_takes_the_position_of_what_is_withheld(hub: LiveHub, follower: tuple[str, ...]) -> None:
    """Else it would ask for it, and take the answer for new."""
    async with started(*follower, _address(hub), "ai_analysis") as program:
        await until(lambda: hub.hub.engine.registry.count("ai_analysis"))
        for _ in range(150):
            await hub.publish("ai_analysis", "step", {"n": 1}, exclude="follower")
        await hub.publish("ai_analysis", "step", {"n": 2})
        assert (await program.message())["data"] == {"n": 2}
        for _ in range(99):
            await hub.publish("ai_analysis", "step", {"n": 3}, exclude="follower")
        hub.hub.fanout.flush()
        for connection in hub.hub.connections:
            connection.close(CloseCode.DISCONNECTED, "come back")  # which the client reads after the notices
        for _ in range(20):
            await hub.publish("ai_analysis", "step", {"n": 4})
        # Without the notices' positions this would be a gap: history reaches back 100 publications.
        assert [(await program.message())["data"]["n"] for _ in range(20)] == [4] * 20


async def test_a_follower_is_cut_off_while_it_recovers(follower: tuple[str, ...]) -> None:
    """It goes on from the last publication that came, not from where the reply said that it would end."""
    asked: list[Any] = []

    async def hub(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        asked.append((await ws.receive_json()).get("since"))
        reply = {"type": "subscribe", "channel": "c", "status": "success", "subscribers": 1, "epoch": "e"}
        if len(asked) == 1:
            await ws.send_json({**reply, "offset": 1})
        else:
            await ws.send_json({**reply, "offset": 9, "recovered": True, "replayed": 8})
        if len(asked) > 2:
            await ws.send_json({"type": "t", "channel": "c", "data": None, "timestamp": "", "epoch": "e", "offset": 2})
        await ws.close(code=4003)
        return ws

    async with serving("/ws", hub) as port, started(*follower, f"ws://127.0.0.1:{port}/ws", "c"):
        await until(lambda: len(asked) > 3)
    offsets = [since["offset"] if since else None for since in asked[:4]]
    assert offsets == [None, 1, 1, 2]


async def test_a_follower_outlives_the_hub(follower: tuple[str, ...]) -> None:
    """It comes back to the next one, which has other epochs, and says that something may be missing."""
    async with AsyncExitStack() as stack:
        async with running(settings_for()) as first:
            program = await stack.enter_async_context(started(*follower, _address(first), "ai_analysis"))
            await until(lambda: first.hub.engine.registry.count("ai_analysis"))
            await first.publish("ai_analysis", "step", {"n": 1})
            assert (await program.message())["data"] == {"n": 1}
        await asyncio.sleep(0.5)  # let it find nobody there
        async with running(settings_for(server__port=first.port)) as second:
            await second.publish("ai_analysis", "step", {"n": 2})
            assert await program.line() == "gap"
            assert (await program.message())["data"] == {"n": 2}


async def test_a_follower_stays_away_when_it_is_told_to(hub: LiveHub, follower: tuple[str, ...]) -> None:
    """A code from 4500 on."""
    async with started(*follower, _address(hub), "ai_analysis") as program:
        await until(lambda: hub.hub.engine.registry.count("ai_analysis"))
        for connection in hub.hub.connections:
            connection.close(CloseCode.BANNED, "enough")
        assert await program.line() == "closed for good (4504)"


async def test_a_service_publishes_once(hub: LiveHub) -> None:
    """Over HTTP, with the standard library alone."""
    command = (sys.executable, "-I", str(EXAMPLES / "publish_http.py"), "ai_analysis", "note", '{"text": "Hello"}')
    async with started(*command, TOCSIN_URL=hub.url) as program:
        answer = await program.message()
    assert (answer["channel"], answer["offset"], answer["duplicate"]) == ("ai_analysis", 1, False)


async def test_a_service_tries_again(hub: LiveHub) -> None:
    """After an answer that says so, with the same idempotency key; the hub then sees one publication."""
    bodies: list[Any] = []

    async def unsure(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        async with aiohttp.ClientSession() as session, session.post(f"{hub.url}/api/publish", json=bodies[-1]) as real:
            text = await real.text()
        return web.Response(text=text) if len(bodies) > 1 else web.Response(status=503)

    command = (sys.executable, str(EXAMPLES / "publish_http.py"), "ai_analysis", "note", "1")
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(serving("/api/publish", unsure))
        program = await stack.enter_async_context(started(*command, TOCSIN_URL=f"http://127.0.0.1:{port}"))
        answer = await program.message()
    assert len({body["idempotency_key"] for body in bodies}) == 1
    assert (len(bodies), answer["offset"], answer["duplicate"]) == (2, 1, True)


@asynccontextmanager
async def _embedded() -> AsyncIterator[str]:
    namespace: dict[str, Any] = {"__name__": "embedded"}
    exec(compile((EXAMPLES / "embedded.py").read_text("utf-8"), "examples/embedded.py", "exec"), namespace)  # noqa: S102
    settings = Settings(server=ServerOptions(drain=0.1), system_stats=SystemStatsOptions(interval=0))
    runner = web.AppRunner(await namespace["make_app"](settings))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        async with asyncio.timeout(15):
            await runner.cleanup()


async def test_a_hub_inside_an_application() -> None:
    """Its handlers notify, both kinds of WebSocket get it, and stopping the application closes them with 1001."""
    assert len(INBOX) == 0
    async with aiohttp.ClientSession() as session:
        async with _embedded() as url:
            own = await session.ws_connect(f"{url}/live/sensor-7")
            await own.send_str("hello")
            assert await own.receive_str() == "you said hello"
            hubs = await session.ws_connect(f"{url}/tocsin/ws")
            await hubs.send_json({"action": "subscribe", "channel": "system_alerts"})
            assert [(await hubs.receive_json())["type"] for _ in range(2)] == ["connection", "subscribe"]
            async with session.post(f"{url}/orders/7") as answer:
                assert await answer.json() == {"notified": True}
            assert (await own.receive_json())["data"] == (await hubs.receive_json())["data"] == {"number": "7"}
            waiting = [asyncio.create_task(_code(ws)) for ws in (own, hubs)]
        assert await asyncio.gather(*waiting) == [1001, 1001]


async def _code(ws: aiohttp.ClientWebSocketResponse) -> int | None:
    async for _ in ws:
        pass
    return ws.close_code

"""The hub inside a handler of one's own, over aiohttp's `WebSocketResponse`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from channels.errors import ReplyError
from channels.policy import Principal
from hub.closing import CloseCode
from hub.transports.embedded import EmbeddedConnection
from tests.kit import eventually
from tests.live import LiveHub, running, settings_for

Use = Callable[[EmbeddedConnection], Awaitable[None]]


@asynccontextmanager
async def handler(
    hub: LiveHub, use: Use, *, principal: Principal | None = None
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Serve a handler that embeds the hub, and connect to it. It echoes what it gets, beside the hub's publications."""

    async def serve(request: web.Request) -> web.WebSocketResponse:
        response = web.WebSocketResponse(compress=False)
        await response.prepare(request)
        who = principal or Principal("sensor")
        async with hub.hub.manager.embed(response, request, "sensor-7", who) as connection:
            await use(connection)
            async for message in response:
                await response.send_str(f"echo {message.data}")
        return response

    app = web.Application()
    app.router.add_get("/mine", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/mine"
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            yield socket
    finally:
        await runner.cleanup()


def follow(hub: LiveHub, *channels: str) -> Use:
    """Subscribe the connection."""

    async def use(connection: EmbeddedConnection) -> None:
        for channel in channels:
            await hub.hub.manager.subscribe(connection, channel)

    return use


@pytest.mark.parametrize("size", [0, 125, 126, 16_384, 65_536, 1 << 20])
async def test_publications_and_the_handlers_own_messages_share_the_socket(hub: LiveHub, size: int) -> None:
    """Frames of any size arrive whole, between those that aiohttp writes."""
    async with handler(hub, follow(hub, "ai_analysis")) as socket:
        await socket.send_str("a")
        assert (await socket.receive_str(timeout=5)) == "echo a"
        assert await hub.hub.manager.broadcast("ai_analysis", {"type": "note", "data": "x" * size}) == 1
        await socket.send_str("b")
        got = [await socket.receive_str(timeout=5), await socket.receive_str(timeout=5)]
        got.sort(key=lambda text: text.startswith("echo"))
        assert json.loads(got[0])["data"] == "x" * size
        assert got[1] == "echo b"


async def test_permissions_are_those_of_the_given_principal(hub: LiveHub) -> None:
    """The handler says who its client is; the hub decides as for any other."""
    refused: list[str] = []

    async def use(connection: EmbeddedConnection) -> None:
        await hub.hub.manager.subscribe(connection, "user:sensor")
        try:
            await hub.hub.manager.subscribe(connection, "user:alice")
        except ReplyError as error:
            refused.append(error.code.word)

    async with handler(hub, use) as socket:
        await eventually(lambda: bool(refused))
        assert refused == ["permission_denied"]
        await hub.publish("user:sensor", "note", 1)
        assert json.loads(await socket.receive_str(timeout=5))["channel"] == "user:sensor"


async def test_leaving_the_block_leaves_the_channels(hub: LiveHub) -> None:
    """When the handler ends, nothing of its connection stays in the hub."""
    async with handler(hub, follow(hub, "ai_analysis", "memory_updates")):
        await eventually(lambda: len(hub.hub.engine.registry) == 2)
    await eventually(lambda: len(hub.hub.engine.registry) == 0)
    assert hub.hub.manager.get_stats()["active_channels"] == []


async def test_closing_from_the_hub_uses_the_handlers_close(hub: LiveHub) -> None:
    """The client sees the hub's code."""
    connections: list[EmbeddedConnection] = []

    async def use(connection: EmbeddedConnection) -> None:
        connections.append(connection)

    async with handler(hub, use) as socket:
        await eventually(lambda: bool(connections))
        connections[0].close(CloseCode.DISCONNECTED, "enough")
        message = await socket.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == CloseCode.DISCONNECTED


async def test_a_client_that_does_not_read_is_closed_and_others_are_served() -> None:
    """The bound is in bytes: over it the connection ends, and its queue is dropped."""
    async with running(settings_for(limits__queued_bytes=8192)) as hub:
        connections: list[EmbeddedConnection] = []

        async def use(connection: EmbeddedConnection) -> None:
            connections.append(connection)
            await hub.hub.manager.subscribe(connection, "ai_analysis")

        async with handler(hub, use), hub.client() as reader:
            await reader.ask(action="subscribe", channel="ai_analysis")
            await eventually(lambda: bool(connections))
            sent = 0
            while connections[0].is_open and sent < 200:
                await hub.publish("ai_analysis", "bulk", "x" * 200_000)
                sent += 1
                assert (await reader.receive())["type"] == "bulk"
            assert not connections[0].is_open, "40 MB were taken without reading"
            assert connections[0].queued_bytes == 0


async def test_a_slow_client_catches_up_in_order(hub: LiveHub) -> None:
    """What waited is written when there is room again, in the order in which it was published."""
    async with handler(hub, follow(hub, "ai_analysis")) as socket:
        await eventually(lambda: len(hub.hub.engine.registry) == 1)
        for number in range(40):
            await hub.publish("ai_analysis", "bulk", [number, "x" * 20_000])
        async with asyncio.timeout(20):
            numbers = [json.loads(await socket.receive_str())["data"][0] for _ in range(40)]
        assert numbers == list(range(40))


async def test_compression_is_refused(hub: LiveHub) -> None:
    """The hub's frames would break the compressor's window."""
    problems: list[str] = []

    async def serve(request: web.Request) -> web.WebSocketResponse:
        response = web.WebSocketResponse(compress=True)
        await response.prepare(request)
        try:
            async with hub.hub.manager.embed(response, request, "sensor-7"):
                pass
        except ValueError as error:
            problems.append(str(error))
        return response

    app = web.Application()
    app.router.add_get("/mine", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/mine"
    async with aiohttp.ClientSession() as session, session.ws_connect(url, compress=15) as socket:
        await socket.receive(timeout=5)
    await runner.cleanup()
    assert problems == ["expected a WebSocketResponse(compress=False): its frames and the hub's share one socket"]

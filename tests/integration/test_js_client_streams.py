"""The JavaScript client over event streams, and from one transport to the other, against a real hub."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hub.transports.stream import StreamConnection
from hub.transports.websocket import WebSocketConnection
from tests.integration.test_auth import lasting
from tests.integration.test_js_client import CHANNEL, LONG, numbers, publish_and_cut, subscribed
from tests.js_client import following
from tests.live import LiveHub, running, settings_for, until, with_keys
from tests.proxy import Proxy, proxied


@pytest.fixture
async def live() -> AsyncIterator[LiveHub]:
    """A hub with a long history."""
    async with running(settings_for(**LONG)) as live:
        yield live


class Firewall(Proxy):
    """Passes HTTP on, and while it is up it cuts every WebSocket off, as some networks do."""

    up = True

    async def link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if self.up and b"upgrade: websocket" in head.lower():
            self.links += 1
            writer.close()
            await writer.wait_closed()
            return
        again = asyncio.StreamReader()
        again.feed_data(head)
        feeding = asyncio.create_task(_feed(reader, again))
        try:
            await super().link(again, writer)
        finally:
            feeding.cancel()


async def _feed(reader: asyncio.StreamReader, again: asyncio.StreamReader) -> None:
    while data := await reader.read(65536):
        again.feed_data(data)
    again.feed_eof()


@asynccontextmanager
async def walled(port: int) -> AsyncIterator[Firewall]:
    """Run a firewall before a hub."""
    firewall = Firewall(port)
    server = await asyncio.start_server(firewall.link, "127.0.0.1", 0)
    firewall.port = server.sockets[0].getsockname()[1]
    try:
        yield firewall
    finally:
        server.close()
        await firewall.close()


async def test_cuts_of_a_stream_lose_and_repeat_nothing(live: LiveHub) -> None:
    """As with a WebSocket."""
    async with proxied(live.port) as proxy, following(proxy.url, CHANNEL, transport="sse") as program:
        await program.some("ready")
        published = await publish_and_cut(live, proxy, cuts=10)
        await program.until(lambda: len(numbers(program)) >= published)
        assert numbers(program) == list(range(published))
        assert program.all("gap") == []


async def test_where_no_websocket_passes_the_stream_takes_over() -> None:
    """After a few attempts, with a token that never stands in a URL."""
    tokens = [lasting(600.0)]
    async with (
        running(with_keys(**LONG)) as live,
        walled(live.port) as firewall,
        following(firewall.url, CHANNEL, fallback="sse", tokens=tokens) as program,
    ):
        await program.some("ready")
        assert firewall.links >= 3
        await live.publish(CHANNEL, "tick", 1)
        await program.some("publication")
        assert numbers(program) == [1]


def carriers(live: LiveHub) -> list[type]:
    """What the hub's connections are."""
    return [type(connection) for connection in live.hub.connections]


async def test_positions_carry_over_from_one_transport_to_the_other(live: LiveHub) -> None:
    """What is published while the client changes comes once: from the WebSocket to the stream, and back."""
    async with walled(live.port) as firewall:
        firewall.up = False
        async with following(firewall.url, CHANNEL, fallback="sse") as program:
            await program.some("ready")
            assert carriers(live) == [WebSocketConnection]
            published = 0
            for up, carrier in ((True, StreamConnection), (False, WebSocketConnection)):
                firewall.up = up
                firewall.cut()
                for _ in range(20):
                    await live.publish(CHANNEL, "tick", published)
                    published += 1
                    await asyncio.sleep(0.005)
                await program.until(lambda published=published: len(numbers(program)) >= published)  # type: ignore[misc]
                assert carriers(live) == [carrier]
            assert numbers(program) == list(range(published))
            assert program.all("gap") == []


async def test_commands_go_over_http_and_more_channels_join(live: LiveHub) -> None:
    """The stream is opened anew behind what was seen, and nothing is lost between the two."""
    async with following(live.url, CHANNEL, transport="sse") as program:
        await program.some("ready")
        await live.publish(CHANNEL, "tick", 0)
        await program.some("publication")
        await program.order(subscribe=["system_alerts"])
        for number in range(1, 30):
            await live.publish(CHANNEL, "tick", number)
            await asyncio.sleep(0.005)
        await program.until(lambda: "system_alerts" in program.all("ready"))
        await live.publish("system_alerts", "note", 30)
        await program.until(lambda: len(numbers(program)) >= 31)
        assert numbers(program) == list(range(31))
        await program.order(history=[CHANNEL, {"since": {"offset": 0}, "limit": 3}])
        await program.order(presence=[CHANNEL])
        await program.order(stats=[])
        results = await program.some("result", 3)
        assert sorted(result.get("type") or "stats" for result in results) == ["history", "presence_state", "stats"]
        await program.order(subscribe=["nope"])
        [refused] = await program.some("refused")
        assert refused["code"] == "unknown_channel"
        await live.publish(CHANNEL, "tick", 31)
        await program.until(lambda: numbers(program)[-1] == 31)


async def test_a_bad_token_closes_for_good() -> None:
    """It is told over HTTP, at once."""
    tokens = [lasting(-60.0)]
    async with (
        running(with_keys()) as live,
        following(live.url, CHANNEL, transport="sse", tokens=tokens) as program,
    ):
        await program.until(lambda: program.all("state")[-1:] == ["closed"])
        assert await program.ended() == 0


async def test_leaving_ends_the_stream(live: LiveHub) -> None:
    """The hub has no connection any more."""
    async with following(live.url, CHANNEL, transport="sse") as program:
        await program.some("ready")
        await until(lambda: subscribed(live))
        await program.order(close=[])
        await until(lambda: subscribed(live, 0))
        assert await program.ended() == 0

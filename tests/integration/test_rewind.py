"""Who comes late has the present state first: by every way to listen, and without asking where that is configured."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.integration.event_stream import Kind, streaming
from tests.js_client import following
from tests.live import LiveHub, running, settings_for
from tests.proxy import proxied
from tests.unit.clients.python.doubles import FAST
from tocsin_client import Gap, connect

CHANNEL = "training"
NAMED: dict[str, Any] = {CHANNEL: {"rewind": 1, "inline": True}}


async def train(live: LiveHub, *stages: int) -> None:
    """Publish what a trainer does."""
    for stage in stages:
        update = {"stage": f"{stage}/14", "log": f"stage {stage} is done", "progress": round(100 * stage / 14)}
        await live.publish(CHANNEL, "stage_update", update)


async def test_a_plain_websocket_that_asks_for_nothing() -> None:
    """It finds what the earlier API sent at the top level, and the same in `data`."""
    async with running(settings_for(channels__named=NAMED, websocket__channels=[CHANNEL])) as live:
        await train(live, 1, 2)
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{live.url}/ws") as socket:
            messages = [await socket.receive_json() for _ in range(3)]
            await train(live, 3)
            messages.append(await socket.receive_json())
        assert [message["type"] for message in messages] == ["connection", "subscribe", "stage_update", "stage_update"]
        assert [(m["stage"], m["log"], m["progress"]) for m in messages[2:]] == [
            ("2/14", "stage 2 is done", 14),
            ("3/14", "stage 3 is done", 21),
        ]
        assert all(message[name] == message["data"][name] for message in messages[2:] for name in message["data"])


@pytest.mark.parametrize("greeted", [[], [CHANNEL]])
async def test_the_python_client(greeted: list[str]) -> None:
    """First the state, then what follows; after a cut neither a gap nor a repetition, also where the hub subscribes
    clients by itself."""
    gaps: list[Gap] = []
    async with (
        running(settings_for(channels__named=NAMED, websocket__channels=greeted)) as live,
        connect(live.url, on_gap=gaps.append, options=FAST) as hub,
    ):
        await train(live, 1, 2, 3)
        seen = []
        async for message in hub.subscribe(CHANNEL):
            seen.append(message.data["stage"])
            if seen == ["3/14"]:
                for connection in live.hub.connections:
                    connection.abort()
                await train(live, 4, 5, 6)
            if len(seen) == 4:
                break
        assert (seen, gaps) == (["3/14", "4/14", "5/14", "6/14"], [])


@pytest.mark.parametrize("greeted", [[], [CHANNEL]])
async def test_the_javascript_client(greeted: list[str]) -> None:
    """As the Python one."""
    async with running(settings_for(channels__named=NAMED, websocket__channels=greeted)) as live:
        await train(live, 1, 2, 3)
        async with proxied(live.port) as proxy, following(proxy.url, CHANNEL) as program:
            await program.some("publication", 1)
            proxy.cut()
            await train(live, 4, 5, 6)
            seen = await program.some("publication", 4)
            assert [publication["data"]["stage"] for publication in seen] == ["3/14", "4/14", "5/14", "6/14"]
            assert program.all("gap") == []


@pytest.mark.parametrize("kind", ["sse", "ndjson"])
async def test_streams_over_http(kind: Kind) -> None:
    """A stream that is resumed after the rewound publication gets what follows it, and nothing twice."""
    async with running(settings_for(channels__named=NAMED)) as live:
        await train(live, 1, 2)
        async with streaming(live.port, CHANNEL, kind) as stream:
            assert (await stream.until("stage_update"))["stage"] == "2/14"
            place = stream.parser.last_id if kind == "sse" else ""
        await train(live, 3)
        if place:
            async with streaming(live.port, CHANNEL, kind, headers={"Last-Event-ID": place}) as stream:
                assert (await stream.until("stage_update"))["stage"] == "3/14"


async def test_one_that_says_what_it_has_seen() -> None:
    """It gets exactly what it missed."""
    async with running(settings_for(channels__named=NAMED)) as live, live.client() as client:
        await train(live, 1, 2, 3)
        reply = await client.ask(action="history", channel=CHANNEL, limit=1)
        since = {"epoch": reply["epoch"], "offset": 1}
        reply = await client.ask(action="subscribe", channel=CHANNEL, since=since)
        assert (reply["recovered"], reply["replayed"]) == (True, 2)
        assert [(await client.receive())["stage"] for _ in range(2)] == ["2/14", "3/14"]

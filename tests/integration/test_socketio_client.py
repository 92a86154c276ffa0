"""An unchanged `socket.io-client` 4 in Node, against a real hub."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import page
from tests.integration.api_client import token_for
from tests.js_client import Program, running_node
from tests.live import LiveHub, running, settings_for, until, with_keys
from tests.needs import NODE_PROJECT
from tests.proxy import proxied

CHANNEL = "ai_analysis"
TRANSPORTS = [["websocket"], ["polling"], ["polling", "websocket"]]


@asynccontextmanager
async def client(_node: Path, url: str, **options: Any) -> AsyncIterator[Program]:
    """Start a client; end it at the end."""
    async with running_node("socketio.mjs", url, json.dumps(options), folder=NODE_PROJECT) as program:
        yield program


def events(program: Program, name: str) -> list[list[Any]]:
    return [line["args"] for line in program.lines if line.get("event") == name]


async def subscribed(program: Program, channel: str = CHANNEL) -> dict[str, Any]:
    await program.order(emit=["subscribe", {"channel": channel}])
    answers = await program.some("answer")
    answer: dict[str, Any] = answers[-1]
    return answer


@pytest.mark.parametrize("transports", TRANSPORTS, ids="-".join)
async def test_an_event_of_each_type(hub: LiveHub, node_path: Path, transports: list[str]) -> None:
    """`on("stage_update")` gets `data` as it was published; `on("message")` gets every publication whole."""
    async with client(node_path, hub.url, transports=transports) as program:
        await program.some("connect")
        answer = await subscribed(program)
        assert (answer["status"], answer["channel"], answer["subscribers"]) == ("success", CHANNEL, 1)
        update = {"stage": "1/14", "log": "initial validation", "progress": 7}
        await hub.publish(CHANNEL, "stage_update", update)
        await program.until(lambda: events(program, "message"))
        [[data, place, _]] = events(program, "stage_update")
        [[whole]] = events(program, "message")
        assert data == whole["data"] == update
        assert (place["channel"], place["offset"]) == (CHANNEL, 1)
        if len(transports) == 2:
            await program.some("upgrade")
            await hub.publish(CHANNEL, "stage_update", update)
            await program.until(lambda: len(events(program, "stage_update")) == 2)


async def test_a_refused_event_says_why(hub: LiveHub, node_path: Path) -> None:
    """In the acknowledgement."""
    async with client(node_path, hub.url) as program:
        await program.some("connect")
        await program.order(emit=["subscribe", {"channel": "nowhere"}])
        await program.order(emit=["dance", 1, 2])
        unknown, dance = await program.some("answer", 2)
        assert (unknown["code"], dance["code"]) == ("unknown_channel", "unknown_action")
        await program.order(emit=["unsubscribe", CHANNEL])
        assert (await program.some("answer", 3))[2]["code"] == "not_subscribed"


async def test_a_channel_by_its_name_alone(hub: LiveHub, node_path: Path) -> None:
    """Which is enough for what needs nothing else."""
    async with client(node_path, hub.url) as program:
        await program.some("connect")
        for number, name in enumerate(("subscribe", "unsubscribe"), start=1):
            await program.order(emit=[name, CHANNEL])
            answer = (await program.some("answer", number))[-1]
            assert (answer["type"], answer["status"], answer["channel"]) == (name, "success", CHANNEL)


async def test_a_token_in_auth(node_path: Path) -> None:
    """Without one the client hears `connect_error`."""
    async with running(with_keys()) as live:
        async with client(node_path, live.url, reconnection=False) as program:
            assert "expected a token" in (await program.some("refused"))[0]
        options = {"auth": {"token": token_for(live, "alice")}}
        async with client(node_path, live.url, **options) as program:
            await program.some("connect")
            answer = await subscribed(program, "user:alice")
            assert answer["status"] == "success"
            await program.order(emit=["subscribe", {"channel": "user:bob"}])
            assert (await program.some("answer", 2))[1]["code"] == "permission_denied"


@pytest.mark.parametrize("options", [{"recover": [CHANNEL]}, {}], ids=["since", "by itself"])
@pytest.mark.parametrize("transports", TRANSPORTS, ids="-".join)
async def test_cuts_lose_and_repeat_nothing(node_path: Path, transports: list[str], options: dict[str, Any]) -> None:
    """A client that says in `auth` where it stands gets what it missed, however often it is cut; and so does one that
    says nothing, in the channel that it heard last.

    When it is cut in mid-upgrade, it has paused its polls and forgets to go on: it comes back when it misses our pings.
    """
    named = {CHANNEL: {"history_size": 2000}}
    settings = settings_for(websocket__heartbeat=1.0, channels__named=named, socketio__channels=[CHANNEL])
    async with (
        running(settings) as live,
        proxied(live.port) as proxy,
        client(node_path, proxy.url, transports=transports, **options) as program,
    ):
        await program.until(lambda: events(program, "subscribe"))
        for number in range(1000):
            await live.publish(CHANNEL, "tick", number)
            if number % 200 == 100:
                await program.until(lambda last=number: len(events(program, "tick")) > last)  # type: ignore[misc]
            if number % 200 == 150:
                proxy.cut()
        await program.until(lambda: len(events(program, "tick")) >= 1000)
        assert [args[0] for args in events(program, "tick")] == list(range(1000))
        # Node sends a request again by itself when a kept connection breaks, so polls alone may notice nothing.
        assert program.all("disconnect") or transports == ["polling"]


async def test_leaving(hub: LiveHub, node_path: Path) -> None:
    """The connection ends, and nothing of it stays."""
    async with client(node_path, hub.url) as program:
        await program.some("connect")
        await program.order(leave=True)
        await program.some("disconnect")
        async with asyncio.timeout(10):
            await hub.hub.connections.empty.wait()


async def test_a_hub_that_stops_is_left_and_found_again(node_path: Path) -> None:
    """The client comes back by itself."""
    async with running(settings_for()) as live:
        port, url = live.port, live.url
        async with client(node_path, url) as program:
            await program.some("connect")
            await live.server.stop(0.0)
            await program.some("disconnect")
            async with running(settings_for(server__port=port)):
                await program.some("connect", 2)


@asynccontextmanager
async def snippet(live: LiveHub, folder: Path, number: int, more: str) -> AsyncIterator[Program]:
    """Run one of the page's, and `more` behind it; what it logs is a line with `args`."""
    text = [fence.text for fence in page("docs/topics/socketio.md").fences if fence.language == "js"][number]
    said = "console.log = (...args) => process.stdout.write(`${JSON.stringify({ args })}\\n`);\n"
    (folder / "node_modules").symlink_to(NODE_PROJECT / "node_modules")
    (folder / "snippet.mjs").write_text(said + text.replace("127.0.0.1:8080", f"127.0.0.1:{live.port}") + more)
    async with running_node("snippet.mjs", folder=folder) as program:
        await until(lambda: live.hub.engine.registry.count(CHANNEL) == 1)
        yield program


async def test_the_first_snippet_of_the_page(hub: LiveHub, node_path: Path, tmp_path: Path) -> None:
    """Prints each publication twice, as the page says."""
    async with snippet(hub, tmp_path, 0, "") as program:
        update = {"stage": "1/14"}
        await hub.publish(CHANNEL, "stage_update", update)
        expected = [["success"], [update, CHANNEL, 1], ["stage_update", update]]
        await program.until(lambda: program.all("args") == expected)


async def test_the_snippet_with_positions(hub: LiveHub, node_path: Path, tmp_path: Path) -> None:
    """Knows where it stands in both channels."""
    async with snippet(hub, tmp_path, 1, "setInterval(() => console.log(since), 50);") as program:
        placed = await hub.publish(CHANNEL, "stage_update", {"stage": "1/14"})
        assert placed.position is not None
        stands = {"epoch": placed.position.epoch, "offset": 1}
        await program.until(lambda: program.all("args") and program.all("args")[-1][0].get(CHANNEL) == stands)
        assert program.all("args")[-1][0].keys() == {CHANNEL, "system_alerts"}

"""The Python test client: connects, subscribes, shows what comes, and leaves cleanly on Ctrl+C.

    python tests/test_websocket_client.py [--url http://127.0.0.1:8080]

Under pytest the same client meets a real hub. `tocsin tail` does more: it reconnects, recovers, and checks for gaps.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from tests.live import LiveHub

CLIENT_ID = "test_client_001"
CHANNELS = ("error_firewall", "db_pool_stats", "system_alerts")

Message = dict[str, Any]
Show = Callable[[str, Message], object]


async def run_client(url: str, show: Show, channels: tuple[str, ...] = CHANNELS) -> int | None:
    """Show every message until the task is cancelled; return the hub's close code if it ended the connection."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/ws?client_id={CLIENT_ID}", heartbeat=30) as ws,
    ):
        for channel in channels:
            await ws.send_json({"action": "subscribe", "channel": channel})
        async for msg in ws:
            if msg.type is aiohttp.WSMsgType.TEXT:
                message = msg.json()
                show(kind_of(message), message)
        return ws.close_code


def kind_of(message: Message) -> str:
    """Say what a message is: a publication has data on a channel, and any type that its publisher liked."""
    if "channel" in message and "data" in message:
        return "message"
    kinds = {"connection": "welcome", "subscribe": "subscribed", "error": "error"}
    return kinds.get(str(message.get("type")), "notice")


async def run_until_signal(url: str, show: Show) -> int | None:
    """Run the client until Ctrl+C or SIGTERM."""
    task = asyncio.create_task(run_client(url, show))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await asyncio.wait({task})
    return None if task.cancelled() else task.result()


def main() -> int:
    """Run the client as a command."""
    parser = argparse.ArgumentParser(description="Connect to a hub, subscribe, and print what comes.")
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="the hub's address (%(default)s)")
    say = partial(print, flush=True)
    try:
        url = parser.parse_args().url.rstrip("/")
        code = asyncio.run(run_until_signal(url, lambda kind, message: say(f"{kind}: {json.dumps(message)}")))
    except aiohttp.ClientError as error:
        say(f"can't connect: {error}", file=sys.stderr)
        return 1
    say("goodbye" if code is None else f"the hub closed the connection ({code})")
    return 0


# What pytest runs.


class Shown:
    """Keeps what the client shows."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, Message]] = []
        self._changed = asyncio.Event()

    def __call__(self, kind: str, message: Message) -> None:
        self.messages.append((kind, message))
        self._changed.set()

    async def first(self, count: int) -> list[tuple[str, Message]]:
        """Wait for so many messages."""
        async with asyncio.timeout(10):
            while len(self.messages) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.messages[:count]


@asynccontextmanager
async def connected(hub: LiveHub, channels: tuple[str, ...] = CHANNELS) -> AsyncIterator[Shown]:
    """Run the client beside the test."""
    shown = Shown()
    task = asyncio.create_task(run_client(hub.url, shown, channels))
    try:
        yield shown
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_welcome_and_acknowledgements(hub: LiveHub) -> None:
    """The client is greeted by its name, and every subscribe is answered in order."""
    async with connected(hub) as shown:
        (kind, welcome), *replies = await shown.first(4)
    assert (kind, welcome["type"], welcome["status"], welcome["client_id"]) == (
        "welcome",
        "connection",
        "connected",
        CLIENT_ID,
    )
    assert set(CHANNELS) < set(welcome["available_channels"])
    assert [(kind, reply["channel"], reply["status"]) for kind, reply in replies] == [
        ("subscribed", channel, "success") for channel in CHANNELS
    ]


async def test_messages_of_subscribed_channels_arrive(hub: LiveHub) -> None:
    """With type, channel, data and timestamp, in order; those of other channels don't."""
    async with connected(hub) as shown:
        await shown.first(4)
        await hub.publish("error_firewall", "error_blocked", {"error_id": "ios-device-7c1d"})
        await hub.publish("vector_search", "search_completed", {"query_id": "q1"})
        await hub.publish("system_alerts", "alert", {"level": "warning"})
        received = (await shown.first(6))[4:]
    assert [(kind, message["channel"], message["type"], message["data"]) for kind, message in received] == [
        ("message", "error_firewall", "error_blocked", {"error_id": "ios-device-7c1d"}),
        ("message", "system_alerts", "alert", {"level": "warning"}),
    ]
    assert all(message["timestamp"].endswith("Z") for _, message in received)


async def test_an_error_leaves_the_client_connected(hub: LiveHub) -> None:
    """It names the channels there are, and the next subscribe works."""
    async with connected(hub, ("nonsense", "system_alerts")) as shown:
        _, (first, error), (second, reply) = await shown.first(3)
    assert (first, error["code"], "system_alerts" in error["available_channels"]) == ("error", "unknown_channel", True)
    assert (second, reply["channel"]) == ("subscribed", "system_alerts")


async def test_the_client_leaves_cleanly(hub: LiveHub) -> None:
    """The hub has forgotten it when it is gone."""
    async with connected(hub) as shown:
        await shown.first(4)
        assert hub.hub.manager.get_stats()["total_clients"] == 1
    async with asyncio.timeout(5):
        while hub.hub.manager.get_stats()["total_clients"]:  # noqa: ASYNC110 - the hub tells nobody
            await asyncio.sleep(0.01)


async def test_the_script_ends_with_0_on_ctrl_c(hub: LiveHub) -> None:
    """Run as people run it."""
    script = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--url", hub.url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert script.stdout is not None
    async with asyncio.timeout(30):
        lines = [(await script.stdout.readline()).decode() for _ in range(4)]
        await hub.publish("db_pool_stats", "pool_resized", {"new_size": 24})
        lines.append((await script.stdout.readline()).decode())
        script.send_signal(signal.SIGINT)
        out, err = await script.communicate()
    assert [line.partition(":")[0] for line in lines] == [
        "welcome",
        "subscribed",
        "subscribed",
        "subscribed",
        "message",
    ]
    assert (script.returncode, out.decode(), err) == (0, "goodbye\n", b"")


if __name__ == "__main__":
    sys.exit(main())

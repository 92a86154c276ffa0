"""Clients and publishers of a hub of two processes: they change between them, and one can't harm the other."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from hub.closing import CloseCode
from hub.notify import INBOX, Inbox, notify_channel, notify_user
from tests.browser.chromium import launched
from tests.conformance.raw import dialled, request, text
from tests.integration.api_client import api_of, token_for
from tests.integration.two_hubs import Two, two
from tests.js_client import following
from tests.live import LiveHub, until
from tests.test_websocket_client import run_client
from tests.unit.clients.python.doubles import FAST
from tocsin_client import Gap, Message, connect

PUBLISHERS = 100

TEXT = "x" * 20_000

COUNT = 300

BROWSER = """([url, token, channel]) => {
  window.got = [];
  const ws = new WebSocket(url, ["tocsin", "bearer." + token]);
  ws.onopen = () => ws.send(JSON.stringify({action: "subscribe", channel}));
  ws.onmessage = (event) => window.got.push(JSON.parse(event.data));
}"""


@pytest.fixture
def process_inbox() -> Iterator[Inbox]:
    """The process's inbox, empty before and after, and as large as by default."""
    limits = INBOX.limit, INBOX.limit_bytes
    INBOX.forget_parent()
    INBOX.outcomes.clear()
    yield INBOX
    INBOX.forget_parent()
    INBOX.outcomes.clear()
    INBOX.limit, INBOX.limit_bytes = limits


async def test_a_notification_reaches_a_browser_on_the_other(process_inbox: Inbox, chromium_path: Path) -> None:
    """`notify_user` in the process of one, a page of the other with a token of its own; nobody else gets it."""
    async with two(keys=True, inbox=process_inbox) as (_, a, b), launched(chromium_path) as browser:
        page = await browser.new_page()
        await page.goto(f"{b.url}/api/docs")
        url = f"{b.url.replace('http', 'ws')}/ws"
        await page.evaluate(BROWSER, [url, token_for(a, "alice"), "user:alice"])
        await _got(page, "status", 2)  # the welcome and the answer to `subscribe`
        assert notify_user("bob", "build", 1)
        assert notify_user("alice", "build", 2)
        assert [(m["channel"], m["data"]) for m in await _got(page, "data", 1)] == [("user:alice", 2)]


async def _got(page: Page, field: str, count: int) -> list[dict[str, Any]]:
    """Wait until the page has so many messages with a field; its policy forbids waiting in itself."""
    async with asyncio.timeout(20):
        while True:
            got: list[dict[str, Any]] = await page.evaluate("window.got")
            found = [message for message in got if field in message]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.02)


async def test_a_stuck_client_on_one_comes_back_on_the_other() -> None:
    """Nobody else waits for it; it is closed with 4002 and recovers from its position where it comes next."""
    async with two(limits__queued_bytes=1 << 20) as (_, a, b), b.client() as quick, dialled(a.port) as stuck:
        stuck.send(request(path="/ws?client_id=stuck"), text('{"action":"subscribe","channel":"chat"}'))
        await stuck.response()
        await until(lambda: a.hub.engine.registry.counts() == {"chat": 1})
        (outbox,) = a.hub.connections.of_client("stuck")
        stuck.writer.transport.pause_reading()  # type: ignore[attr-defined] # a stream's transport reads, too
        await quick.ask(action="subscribe", channel="chat")
        epoch, count = "", 0
        while outbox.is_open:
            await b.publish("chat", "t", TEXT)
            count += 1
            message = await quick.receive()
            epoch, offset = message["epoch"], message["offset"]
            assert offset == count
        assert outbox.close_code == CloseCode.SLOW_CONSUMER
        async with b.client("stuck") as back:
            reply = await back.ask(action="subscribe", channel="chat", since={"epoch": epoch, "offset": count - 20})
            assert (reply["recovered"], reply["replayed"]) == (True, 20)


class Door:
    """One address before both, as a load balancer is; new connections go to `port`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = ""

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.gather(_pump(reader, up_writer), _pump(up_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def door(live: LiveHub) -> AsyncIterator[Door]:
    """Open it, to one of them."""
    door = Door(live.port)
    server = await asyncio.start_server(door.pass_on, "127.0.0.1", 0)
    door.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield door


async def publish_and_end(both: Two, door: Door) -> None:
    """Publish numbers on `b`; `a` ends in the midst of it, and its clients are let in by `b`."""
    for number in range(COUNT):
        await both.b.publish("chat", "t", number)
        if number == COUNT // 3:
            door.port = both.b.port
            await both.a.server.stop()


async def test_the_python_client_moves_on_when_its_hub_ends() -> None:
    """Its reader sees every message once, and no gap."""
    async with two() as both, door(both.a) as entry, connect(entry.url, options=FAST) as client:
        got: list[int] = []
        async with client.subscribe("chat") as chat:
            await publish_and_end(both, entry)
            async for event in chat.events():
                assert not isinstance(event, Gap)
                if isinstance(event, Message):
                    got.append(event.data)
                if len(got) == COUNT:
                    break
        assert got == list(range(COUNT))


async def test_the_javascript_client_moves_on_when_its_hub_ends() -> None:
    """So does that of Node."""
    async with two() as both, door(both.a) as entry, following(entry.url, "chat") as program:
        await program.some("ready")
        await publish_and_end(both, entry)
        got = await program.some("publication", COUNT)
        assert [publication["data"] for publication in got] == list(range(COUNT))
        assert program.all("gap") == []


async def test_the_test_client_hears_the_other() -> None:
    """The plain client of aiohttp, on one; published on the other."""
    shown: list[tuple[str, Any]] = []
    async with two() as (_, a, b):
        task = asyncio.create_task(run_client(a.url, lambda kind, message: shown.append((kind, message))))
        await until(lambda: [kind for kind, _ in shown].count("subscribed") == 3)
        async with api_of(b) as api:
            await api.publish("error_firewall", data="heard")
        await until(lambda: shown[-1][0] == "message")
        assert shown[-1][1]["data"] == "heard"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_hundred_threads_notify_while_the_broker_dies(process_inbox: Inbox) -> None:
    """Nothing is lost, repeated or out of a thread's order, and no call waits for Redis."""
    async with two(inbox=process_inbox, limits__queued_bytes=1 << 26) as (server, _, b), b.client() as client:
        await client.ask(action="subscribe", channel="chat")

        def notify(publisher: int) -> None:
            for number in range(10):
                assert notify_channel("chat", "t", {"by": publisher, "number": number, "text": TEXT})
                time.sleep(0.02)

        with ThreadPoolExecutor(PUBLISHERS) as pool:
            work = [asyncio.wrap_future(pool.submit(notify, publisher)) for publisher in range(PUBLISHERS)]
            await until(lambda: process_inbox.outcomes["published"] > 100)
            server.freeze()
            await asyncio.gather(*work)  # with nobody there to wait for
        await server.restart(signal.SIGKILL)
        got: dict[int, list[int]] = {}
        for _ in range(PUBLISHERS * 10):
            while "data" not in (message := await client.receive()):
                assert message["type"] in ("degraded", "restored")
            got.setdefault(message["data"]["by"], []).append(message["data"]["number"])
        assert len(got) == PUBLISHERS
        assert all(numbers == list(range(10)) for numbers in got.values())

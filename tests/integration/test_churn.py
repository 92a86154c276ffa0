"""Thousands of clients that come and are killed: nothing of them is left, in the books or in memory."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial

import psutil
import pytest
import structlog

from channels.model import Channels
from hub.session import Session
from hub.transports.websocket import WebSocketConnection
from tests.conformance.raw import PING, close, frame, head, request, text
from tests.live import LiveHub, running, settings_for, until
from tests.proxy import reset

CONNECTS = int(os.environ.get("CHURN_CONNECTS", "10000"))
"""Connections in all; more of them for a soak, fewer on a slow machine."""

BATCH = 250

WARM = 3
"""Batches after which caches are full and the allocator has what it needs."""

GROWTH = 6 << 20
"""Bytes that the process may grow by after that: less than 1 KiB per connection."""

CHANNELS = ("system_alerts", "ai_analysis", "room:lobby")

WATCHERS = 50
"""One in so many asks for presence."""


@pytest.fixture(autouse=True)
def _quiet_logs() -> Iterator[None]:
    """Connections are not logged one by one."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.configure(**before)


def subscribe(presence: bool) -> bytes:
    """Return the batch that subscribes to all channels."""
    return text(json.dumps([{"action": "subscribe", "channel": name, "presence": presence} for name in CHANNELS]))


COMMANDS = {presence: subscribe(presence) for presence in (False, True)}


class Visitor(asyncio.Protocol):
    """A client in a few objects: connects, subscribes, and hears when that is done."""

    def __init__(self, number: int) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._hello = request(path=f"/ws?client_id=c{number % 100}") + COMMANDS[number % WATCHERS == 0]
        self._replies = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._hello)

    def data_received(self, data: bytes) -> None:
        self._replies += data.count(b'"status":"success"')
        if self._replies >= len(CHANNELS) and not self.ready.done():
            self.ready.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set_result(None)
        if not self.ready.done():
            self.ready.set_result(None)


def kill(visitor: Visitor, how: int) -> None:
    """End a connection in one of many ways."""
    transport = visitor.transport
    match how:
        case 0:
            reset(transport)
        case 1:
            transport.write(close(1000))
        case 2:
            transport.close()  # without a close frame
        case 3:
            transport.write(head(1, 1000) + b"half a frame")
            reset(transport)
        case 4:
            transport.write(frame(PING, b"x") * 20 + COMMANDS[False])
            reset(transport)
        case _:
            transport.write(b"\xff" * 10)  # no frame at all: the hub closes


async def come_and_go(live: LiveHub, first: int, choose: random.Random) -> None:
    """Let one batch of clients come, and kill them: some in the middle of the handshake, most when they are subscribed,
    while publications go out."""
    loop = asyncio.get_running_loop()
    numbers = range(first, first + BATCH)
    connecting = (loop.create_connection(partial(Visitor, number), "127.0.0.1", live.port) for number in numbers)
    visitors = [visitor for _, visitor in await asyncio.gather(*connecting)]
    for visitor in visitors[::25]:
        reset(visitor.transport)
    async with asyncio.timeout(60):
        await asyncio.gather(*(visitor.ready for visitor in visitors))
    staying = [visitor for visitor in visitors if not visitor.gone.done()]
    assert len(staying) == BATCH - len(visitors[::25])
    await until(lambda: live.hub.manager.get_stats()["total_clients"] == len(staying))
    assert live.hub.manager.get_stats()["channel_stats"] == dict.fromkeys(CHANNELS, len(staying))
    for number, visitor in enumerate(staying):
        kill(visitor, choose.randrange(6))
        if number % 50 == 0:
            assert live.hub.inbox.put("system_alerts", "t", {"number": number})
            await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await asyncio.gather(*(visitor.gone for visitor in visitors))


def alive() -> dict[str, int]:
    """Count connections and sessions in memory."""
    gc.collect()
    kinds = [type(thing) for thing in gc.get_objects()]
    return {kind.__name__: kinds.count(kind) for kind in (WebSocketConnection, Session)}


async def nobody_is_left(live: LiveHub) -> None:
    """Wait until the hub's books are empty."""
    hub = live.hub
    await until(lambda: not hub.connections)
    assert hub.connections.empty.is_set()
    assert not any(hub.connections.of_client(f"c{number}") for number in range(100))
    stats = hub.manager.get_stats()
    assert (stats["total_clients"], stats["total_channels"]) == (0, 0)
    assert (stats["channel_stats"], stats["active_channels"]) == ({}, [])
    assert not any(each for each in vars(hub.engine.registry).values() if isinstance(each, dict))
    async with asyncio.timeout(30):  # presence follows in the background, and signals nothing
        for channel in CHANNELS:
            while (await hub.engine.presence(channel, None, members=True)).clients:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0)


@pytest.mark.timeout(180)
async def test_ten_thousand_connections_leave_nothing_behind() -> None:
    """After 10,000 connections that were closed, reset, cut in the middle of a frame or a handshake, or closed for bad
    bytes, every count is zero, no connection is in memory, and the process has not grown."""
    choose = random.Random(10_000)
    rooms = {"lobby": {"subscribe": "everyone"}}
    # Sessions that are over are remembered on purpose; as many as that are there before anything is measured.
    settings = settings_for(
        channels__rooms=rooms,
        websocket__heartbeat=0.5,
        limits__connections=2 * BATCH,
        delivery_records__sessions=WARM * BATCH // 2,
    )
    process = psutil.Process()
    before = alive()  # none, but for what other tests of the same process may have left
    async with running(settings) as live:
        warm = 0
        for batch in range(max(WARM + 1, CONNECTS // BATCH)):
            if batch == WARM:
                gc.collect()
                warm = process.memory_info().rss
            await come_and_go(live, batch * BATCH, choose)
            await nobody_is_left(live)
        assert live.hub.connections.ever > 0.95 * max(WARM + 1, CONNECTS // BATCH) * BATCH
        # The books of deadlines name a connection until its next one, which is the heartbeat.
        await until(lambda: alive() == before)
        grown = process.memory_info().rss - warm
        assert grown < GROWTH, f"grown by {grown >> 10} KiB"
        assert len(live.hub.tasks) == 3  # departures, notifications, sweep


async def test_sixteen_threads_leave_the_books_in_order() -> None:
    """While 16 threads subscribe, unsubscribe, broadcast and count through the manager, channels and connections always
    agree on who is where; afterwards the clients hear exactly the channels that they are on."""
    threads, rounds, people = 16, 100, 12
    async with running(settings_for()) as live, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(live.client(f"c{number}")) for number in range(people)]
        connections = [live.hub.connections.of_client(f"c{number}")[0] for number in range(people)]
        manager, registry = live.hub.manager, live.hub.engine.registry
        begin = threading.Barrier(threads)

        def hammer(seed: int) -> None:
            choose = random.Random(seed)
            begin.wait(5)
            for _ in range(rounds):
                connection, channel = choose.choice(connections), choose.choice(Channels.all())
                match choose.randrange(4):
                    case 0 | 1:
                        manager.subscribe(connection, channel).result()
                    case 2:
                        manager.unsubscribe(connection, channel).result()
                    case _:
                        stats = manager.get_stats()
                        assert stats["total_channels"] == len(stats["active_channels"]) <= 6
                        assert all(0 < count <= people for count in stats["channel_stats"].values())

        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(threads) as pool:
            await asyncio.gather(*(loop.run_in_executor(pool, hammer, seed) for seed in range(threads)))

        on = {connection: set(registry.channels_of(connection)) for connection in connections}
        for channel in Channels.all():
            there = [connection for connection in connections if channel in on[connection]]
            assert set(registry.roster(channel).prompt) == set(there)
            assert await manager.broadcast(channel, {"type": "t", "data": channel}) == len(there)
        for client, connection in zip(clients, connections, strict=True):
            assert {(await client.receive())["data"] for _ in on[connection]} == on[connection]
            assert (await client.ask(action="ping"))["type"] == "pong"
            for channel in on[connection]:
                assert await manager.unsubscribe(connection, channel)
        assert not any(each for each in vars(registry).values() if isinstance(each, dict))

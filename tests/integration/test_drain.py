"""The hub stops: nobody loses a publication, everybody hears when to come back, and they don't come back at once."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import pytest

from hub.closing import CloseCode
from hub.notify import Inbox
from hub.server import Server
from hub.wiring import build
from tests.conformance.raw import dialled, request
from tests.live import Client, LiveHub, settings_for, until

REASON = re.compile(r"the hub is stopping; reconnect in (\d+) ms")


@asynccontextmanager
async def started(**options: Any) -> AsyncIterator[LiveHub]:
    """Run a hub that the test stops; it is stopped at the end in any case."""
    server = Server(build(settings_for(**options), inbox=Inbox()))
    await server.start()
    try:
        yield LiveHub(server)
    finally:
        await server.stop()


class Leaver:
    """A client that notes how the hub took its leave."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.messages: list[dict[str, Any]] = []
        self.at = 0.0
        self.code: int | None = None
        self.reason = ""

    async def run(self) -> None:
        """Read to the end."""
        socket = self.client.socket
        while (message := await socket.receive(10)).type is aiohttp.WSMsgType.TEXT:
            self.messages.append(json.loads(message.data))
        self.at = asyncio.get_running_loop().time()
        self.code, self.reason = socket.close_code, str(message.extra)


async def leavers(stack: AsyncExitStack, live: LiveHub, count: int) -> tuple[list[Leaver], list[asyncio.Task[None]]]:
    """Connect clients that read until they are closed."""
    made = [Leaver(await stack.enter_async_context(live.client(f"c{number}"))) for number in range(count)]
    for leaver in made:
        await leaver.client.ask(action="subscribe", channel="system_alerts")
    return made, [asyncio.create_task(leaver.run()) for leaver in made]


async def test_everyone_hears_when_to_come_back() -> None:
    """Each client gets the notice `reconnect`, and then 1001 with the same delay in its reason; the delays are spread
    over the grace period, and so are the closes."""
    grace = 1.0
    async with started(server__drain=grace) as live, AsyncExitStack() as stack:
        made, reading = await leavers(stack, live, 60)
        began = asyncio.get_running_loop().time()
        await live.server.stop()
        took = asyncio.get_running_loop().time() - began
        await asyncio.gather(*reading)
        delays = []
        for leaver in made:
            (notice,) = leaver.messages
            assert notice == {"type": "reconnect", "delay_ms": notice["delay_ms"], "reason": "the hub is stopping"}
            assert leaver.code == CloseCode.GOING_AWAY
            told = REASON.fullmatch(leaver.reason)
            assert told is not None
            assert int(told[1]) == notice["delay_ms"]
            delays.append(notice["delay_ms"])
        assert 0 <= min(delays) < 300
        assert 700 < max(delays) <= 1000 * grace
        closed = sorted(leaver.at - began for leaver in made)
        assert closed[0] < 0.3
        assert grace / 2 < closed[-1] < grace + 0.5
        assert closed[15] < closed[30] < closed[45]
        assert took < grace + 1.0
        assert live.hub.connections.closed == {CloseCode.GOING_AWAY: 60}


async def test_the_order_of_closing_is_random() -> None:
    """Whoever came first is not closed first: clients of one site or one deployment don't leave together."""
    async with started(server__drain=0.5) as live, AsyncExitStack() as stack:
        made, reading = await leavers(stack, live, 30)
        await live.server.stop()
        await asyncio.gather(*reading)
        order = sorted(range(30), key=lambda number: made[number].at)
        assert order != list(range(30))


async def test_what_was_accepted_arrives() -> None:
    """Publications and notifications that were accepted right before the stop reach every client, in order, before its
    notice."""
    async with started(server__drain=0.2) as live, AsyncExitStack() as stack:
        made, reading = await leavers(stack, live, 10)
        for number in range(100):
            await live.publish("system_alerts", "t", number)
        for number in range(100, 300):
            assert live.hub.inbox.put("system_alerts", "t", number)
        await live.server.stop()
        await asyncio.gather(*reading)
        for leaver in made:
            assert [message.get("data") for message in leaver.messages] == [*range(300), None]
            assert leaver.messages[-1]["type"] == "reconnect"


async def test_clients_are_served_until_their_turn() -> None:
    """While the hub drains, a client that is still connected gets publications and answers."""
    async with started(server__drain=0.6) as live, AsyncExitStack() as stack:
        made, reading = await leavers(stack, live, 40)
        stopping = asyncio.create_task(live.server.stop())
        number = 0
        while live.hub.connections:
            await live.publish("system_alerts", "t", number)
            number += 1
            await asyncio.sleep(0.01)
        await stopping
        await asyncio.gather(*reading)
        counts = [len(leaver.messages) - 1 for leaver in made]
        assert max(counts) > min(counts)
        for leaver in made:
            data = [message["data"] for message in leaver.messages[:-1]]
            assert data == list(range(len(data)))


async def test_nobody_is_let_in_while_it_stops() -> None:
    """A connection that was accepted before the stop is still answered: an upgrade with 503 and `Retry-After`, `/ready`
    with 503, `/health` with 200. New connections aren't accepted."""
    async with started(server__drain=0.5) as live, AsyncExitStack() as stack:
        _, reading = await leavers(stack, live, 10)
        early = await stack.enter_async_context(dialled(live.port))
        session = await stack.enter_async_context(aiohttp.ClientSession(live.url))
        async with session.get("/ready") as answer:
            assert (answer.status, await answer.json()) == (200, {"status": "ready"})
        stopping = asyncio.create_task(live.server.stop())
        await until(lambda: live.hub.connections.draining)
        early.send(request())
        head = (await early.response()).decode().lower()
        assert head.startswith("http/1.1 503 ")
        assert "retry-after: 5" in head
        for path, status in (("/ready", 503), ("/health", 200)):
            async with session.get(path) as answer:  # on the connection of before
                assert answer.status == status
        with pytest.raises(OSError, match="Connect"):
            await asyncio.open_connection("127.0.0.1", live.port)
        assert live.hub.connections
        await stopping
        await asyncio.gather(*reading)


async def test_a_stuck_client_delays_the_stop_by_the_close_timeout_only() -> None:
    """A client that never answers the close is cut when the close timeout is over."""
    async with started(server__drain=0.05, websocket__close_timeout=0.3) as live, dialled(live.port) as stuck:
        stuck.send(request())
        await stuck.response()
        await until(lambda: bool(live.hub.connections))
        began = asyncio.get_running_loop().time()
        await live.server.stop()
        assert 0.25 < asyncio.get_running_loop().time() - began < 1.5
        assert not live.hub.connections


async def test_stopping_twice_is_stopping_once() -> None:
    """A second stop does nothing, also while the first one runs."""
    async with started(server__drain=0.1) as live, AsyncExitStack() as stack:
        _, reading = await leavers(stack, live, 3)
        await asyncio.gather(live.server.stop(), live.server.stop())
        await live.server.stop()
        await asyncio.gather(*reading)

"""Socket.IO clients live under the rules of every connection: tokens, limits, slow readers, presence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hub.closing import CloseCode
from tests.conformance.packets import PATH, Raw, connected, next_packet, raw
from tests.conformance.raw import RawClient, dialled, request, text
from tests.integration.api_client import token_for
from tests.integration.test_auth import lasting
from tests.integration.test_slow_reader import MOST, QUEUE, SIZE, small_socket
from tests.integration.test_socketio_client import client, events
from tests.live import LiveHub, running, settings_for, until, with_keys

CHANNEL = "ai_analysis"
EACH = pytest.mark.parametrize("transport", ["websocket", "polling"])


async def answers(talk: Raw, count: int) -> list[dict[str, Any]]:
    """Poll until so many acknowledgements have come."""
    found: list[dict[str, Any]] = []
    while len(found) < count:
        status, packets = await talk.poll()
        assert status == 200
        found += [json.loads(packet[packet.index("[") :])[0] for packet in packets if packet.startswith("43")]
    return found


# Tokens.


@EACH
async def test_a_token_that_ends(node_path: Path, transport: str) -> None:
    """The client is warned, and then told to stay away."""
    async with running(with_keys(auth__leeway=0.0)) as live:
        options = {"transports": [transport], "auth": {"token": lasting(2.5)}}
        async with client(node_path, live.url, **options) as program:
            await program.some("connect")
            await program.until(lambda: events(program, "token_expiring"))
            assert await program.some("disconnect") == ["io server disconnect"]
            await until(lambda: not len(live.hub.connections))
            assert live.hub.connections.closed == {CloseCode.TOKEN_EXPIRED: 1}
            assert len(program.all("connect")) == 1


@EACH
async def test_a_token_that_is_renewed(node_path: Path, transport: str) -> None:
    """In time: the connection goes on."""
    async with running(with_keys(auth__leeway=0.0)) as live:
        options = {"transports": [transport], "auth": {"token": lasting(2.5)}}
        async with client(node_path, live.url, **options) as program:
            await program.until(lambda: events(program, "token_expiring"))
            await program.order(emit=["refresh", {"token": token_for(live, "alice")}])
            [answer] = await program.some("answer")
            assert (answer["type"], answer["status"]) == ("refresh", "success")
            [connection] = live.hub.connections
            assert connection.principal.expires is not None
            await program.order(emit=["refresh", {"token": token_for(live, "mallory")}])
            assert (await program.some("answer", 2))[1]["type"] == "error"
            assert program.all("disconnect") == []


@EACH
async def test_a_token_that_has_ended(node_path: Path, transport: str) -> None:
    """Is refused with its code, and nothing is told of it."""
    async with running(with_keys(auth__leeway=0.0)) as live:
        token = lasting(-10.0)
        options = {"transports": [transport], "auth": {"token": token}, "reconnection": False}
        async with client(node_path, live.url, **options) as program:
            await program.some("refused")
            [refusal] = [line for line in program.lines if "refused" in line]
            assert refusal["data"]["code"] == "invalid_token"
            assert token not in json.dumps(program.lines)


# Limits.


async def test_commands_are_limited() -> None:
    """However many come in one body."""
    settings = settings_for(limits__commands_per_second=0.1, limits__command_burst=5)
    async with running(settings) as live, raw(live) as talk:
        await talk.open()
        await talk.post("40", *(f'42{number}["ping"]' for number in range(8)))
        kinds = [answer.get("code", answer["type"]) for answer in await answers(talk, 8)]
        assert sorted(kinds) == ["pong"] * 5 + ["rate_limited"] * 3


async def test_subscriptions_are_limited() -> None:
    """Those that come with the connection, too."""
    async with running(settings_for(limits__subscriptions=2)) as live, raw(live) as talk:
        await talk.open()
        channels = ["ai_analysis", "system_alerts", "vector_search"]
        await talk.post("40" + json.dumps({"channels": channels}), '420["subscribe","db_pool_stats"]')
        [answer] = await answers(talk, 1)
        assert answer["code"] == "too_many_subscriptions"
        assert sum(live.hub.engine.registry.counts().values()) == 2


async def test_messages_are_limited_by_websocket(hub: LiveHub) -> None:
    """As by polls: the hub says which limit it was, and closes."""
    async with raw(hub) as talk, connected(talk) as socket:
        await socket.send_str('42["publish","' + "x" * 1_100_000 + '"]')
        assert json.loads((await next_packet(socket))[2:])[1]["code"] == "data_too_large"
        assert (await socket.receive(timeout=10)).data == CloseCode.MESSAGE_TOO_BIG


async def test_connections_are_limited() -> None:
    """By address, and a client that polls counts until it ends."""
    async with running(settings_for(limits__connections_per_ip=1)) as live, raw(live) as talk:
        await talk.open()
        status, body = await talk.ask("&transport=polling")
        assert (status, json.loads(body)["error"]["code"]) == (503, "too_many_connections")
        await talk.post("1")
        await talk.open()


# Who doesn't read.


@asynccontextmanager
async def lazy(live: LiveHub) -> AsyncIterator[RawClient]:
    """A client on a WebSocket that subscribes, and then reads nothing."""
    async with dialled(sock=small_socket(live.port)) as slow:
        slow.send(request(path=f"{PATH}&transport=websocket&client_id=slow"), text("40"))
        slow.send(text(f'420["subscribe","{CHANNEL}"]'))
        assert (await slow.response()).startswith(b"HTTP/1.1 101 ")
        while not (await slow.receive()).payload.startswith(b"430"):
            pass
        slow.pause_reading()
        yield slow


async def _flood(live: LiveHub, until_it: Callable[[], bool]) -> None:
    for _ in range(MOST):
        await live.publish(CHANNEL, "event", "x" * SIZE)
        await asyncio.sleep(0)
        if until_it():
            return
    raise AssertionError("nobody was closed")


@EACH
async def test_who_does_not_read_is_closed(transport: str) -> None:
    """With 4002, and counted; what waits for it is bounded. Another client has everything, and in order."""
    settings = settings_for(limits__queued_bytes=QUEUE)
    async with running(settings) as live, raw(live) as prompt, connected(prompt) as socket:
        await socket.send_str(f'420["subscribe","{CHANNEL}"]')
        assert (await next_packet(socket)).startswith("430")
        got: list[int] = []

        async def read() -> None:
            while True:
                name, *arguments = json.loads((await next_packet(socket))[2:])
                if name == "event":
                    got.append(arguments[1]["offset"])

        reading = asyncio.create_task(read())
        closed = live.hub.connections.closed
        if transport == "websocket":
            async with lazy(live) as slow:
                await _flood(live, lambda: closed[CloseCode.SLOW_CONSUMER] == 1 or _is_over(live, "slow"))
                slow.writer.transport.abort()
        else:
            async with raw(live) as slow_poller:
                await slow_poller.open()
                await slow_poller.post("40", f'42["subscribe","{CHANNEL}"]')
                await until(lambda: live.hub.engine.registry.count(CHANNEL) == 2)
                await _flood(live, lambda: closed[CloseCode.SLOW_CONSUMER] == 1)
                assert (await slow_poller.poll())[0] == 400
        await until(lambda: closed[CloseCode.SLOW_CONSUMER] == 1)
        top = (await live.publish(CHANNEL, "event", None)).position
        assert top is not None
        await until(lambda: bool(got) and got[-1] == top.offset)
        assert got == list(range(1, top.offset + 1))
        reading.cancel()
        async with aiohttp.ClientSession() as http, http.get(f"{live.url}/metrics") as answer:
            line = 'tocsin_connections_closed_total{code="4002",name="slow consumer"} 1.0'
            assert line in await answer.text()


def _is_over(live: LiveHub, client_id: str) -> bool:
    return all(not connection.is_open for connection in live.hub.connections.of_client(client_id))


# Who is present.


async def test_presence(hub: LiveHub) -> None:
    """Who joins and leaves is told to those that ask, whatever the transport."""
    async with raw(hub) as first, connected(first) as socket, raw(hub) as second:
        await socket.send_str(f'420["subscribe",{{"channel":"{CHANNEL}","presence":true}}]')
        assert (await next_packet(socket)).startswith("430")
        await second.open()
        await second.post("40", f'420["subscribe","{CHANNEL}"]')
        joined = json.loads((await next_packet(socket))[2:])
        assert (joined[0], joined[1]["event"]) == ("presence", "join")
        await second.post("1")
        left = json.loads((await next_packet(socket))[2:])
        assert (left[1]["event"], left[1]["client"]) == ("leave", joined[1]["client"])

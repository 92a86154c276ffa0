"""The public test suite of Socket.IO 5, case by case, in our own words and on a real hub.

What it says of Engine.IO is in test_engineio_protocol.py; here are connecting, leaving, events and packets that are
none. An application that echoes is wanted there, and the hub's commands stand in for it: in place of the event "auth",
which repeats what a client connected with, it sends its welcome, and who comes with a token must have one that holds.
Which case is where, and which don't apply, stands in test_socketio_suites.py.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from hub.closing import CloseCode
from tests.conformance.packets import Raw, connected, next_packet, raw
from tests.live import LiveHub, running, settings_for, until

CHANNEL = "ai_analysis"


@pytest.fixture
async def client(hub: LiveHub) -> AsyncIterator[Raw]:
    async with raw(hub) as client:
        yield client


@pytest.mark.parametrize(("recovery", "fields"), [(False, ["sid"]), (True, ["sid", "pid"])])
async def test_connecting(recovery: bool, fields: list[str]) -> None:
    """The answer has an id, and one more where positions are to be remembered; with a payload, too."""
    async with running(settings_for(socketio__recovery=recovery)) as live, raw(live) as client:
        for payload in ("", "{}", '{"channels":[]}'):
            async with client.socket() as socket:
                await next_packet(socket)
                await socket.send_str("40" + payload)
                answer = await next_packet(socket)
                assert list(json.loads(answer.removeprefix("40"))) == fields


async def test_arguments_and_acknowledgements(client: Raw) -> None:
    """An id of any length that fits comes back, with arguments of any shape."""
    async with connected(client) as socket:
        for number in ("0", "456", "999999999999999"):
            await socket.send_str(f'42{number}["ping"]')
            answer = await next_packet(socket)
            assert answer.startswith(f"43{number}[")
            assert json.loads(answer[2 + len(number) :])[0]["type"] == "pong"
        await socket.send_str('427["nothing of ours",1,"2",{"3":[true]}]')
        assert json.loads((await next_packet(socket)).removeprefix("437"))[0]["code"] == "unknown_action"


async def test_another_namespace(client: Raw) -> None:
    """There is none."""
    async with connected(client) as socket:
        await socket.send_str("40/random")
        assert await next_packet(socket) == '44/random,{"message":"Invalid namespace"}'
        await socket.send_str('42/random,["x"]')
        await socket.send_str('427["ping"]')
        assert (await next_packet(socket)).startswith("437[")


@pytest.mark.parametrize("packet", ["4abc", "42{}", '42abc["ping"]', "x", "bAQ=="])
async def test_a_malformed_packet_ends_the_connection(client: Raw, packet: str) -> None:
    """As the protocol wants it."""
    async with connected(client) as socket:
        await socket.send_str(packet)
        assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


@pytest.mark.parametrize("packet", ["4abc", '42["ping"]', "41", "40[]"])
async def test_what_comes_before_connecting_ends_the_connection(client: Raw, packet: str) -> None:
    """A client connects to the namespace first, and in the right words."""
    async with client.socket() as socket:
        await next_packet(socket)
        await socket.send_str(packet)
        assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


async def test_who_never_connects_is_closed() -> None:
    """After the time that every connection has to say who it is."""
    async with (
        running(settings_for(websocket__auth_timeout=0.5)) as live,
        raw(live) as client,
        client.socket() as socket,
    ):
        await next_packet(socket)
        assert (await socket.receive(timeout=5)).data == CloseCode.AUTHENTICATION_TIMEOUT


async def test_leaving_the_namespace_ends_the_subscriptions(hub: LiveHub, client: Raw) -> None:
    """The connection stays, and is pinged on."""
    async with connected(client) as socket:
        await socket.send_str(f'420["subscribe","{CHANNEL}"]')
        assert (await next_packet(socket)).startswith("430[")
        await socket.send_str("41")
        await until(lambda: not hub.hub.engine.registry.counts())
        await hub.publish(CHANNEL, "tick", 1)
        await socket.send_str("40")
        assert (await next_packet(socket)).startswith("44")

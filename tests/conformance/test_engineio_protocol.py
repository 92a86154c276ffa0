"""The public test suite of Engine.IO 4, case by case, in our own words and on a real hub.

Handshakes, messages, pings, closing and upgrades are here. The suite tests an application that echoes what it is sent,
and this hub is none: its commands stand in for echoes. Which case is where, and which don't apply, stands in
test_socketio_suites.py. The suite's server waits 300 ms between pings and 200 ms for an answer; the hub waits
`websocket.heartbeat` for both.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from hub.closing import CloseCode
from tests.conformance.packets import PATH, Raw, next_packet, raw
from tests.live import LiveHub, running, settings_for, until

CHANNEL = "ai_analysis"


@pytest.fixture
async def client(hub: LiveHub) -> AsyncIterator[Raw]:
    async with raw(hub) as client:
        yield client


async def test_a_session_by_polls(client: Raw) -> None:
    """The greeting says where to go on, and how often there are pings."""
    greeting = await client.open()
    assert list(greeting) == ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"]
    assert greeting["upgrades"] == ["websocket"]
    assert (greeting["pingInterval"], greeting["pingTimeout"], greeting["maxPayload"]) == (30_000, 30_000, 1_048_576)


async def test_a_session_by_websocket(client: Raw) -> None:
    """There is nothing to upgrade to."""
    async with client.socket() as socket:
        text = await next_packet(socket)
        assert (text[0], json.loads(text[1:])["upgrades"]) == ("0", [])


@pytest.mark.parametrize(
    ("query", "method", "code"),
    [
        ("", "GET", 0),
        ("&transport=abc", "GET", 0),
        ("&transport=polling", "POST", 2),
        ("&transport=polling", "PUT", 2),
        ("&transport=polling&sid=nobody", "GET", 1),
        ("&transport=polling&sid=nobody", "POST", 1),
        ("&transport=websocket&sid=nobody", "GET", 1),
        ("&transport=websocket", "POST", 2),
    ],
)
async def test_a_wrong_request(client: Raw, query: str, method: str, code: int) -> None:
    """Is answered with 400 and the code that clients know."""
    status, body = await client.ask(query, method)
    assert (status, json.loads(body)["code"]) == (400, code)


@pytest.mark.parametrize("version", ["?transport=polling", "?EIO=3&transport=polling", "?EIO=abc&transport=websocket"])
async def test_another_version(hub: LiveHub, version: str) -> None:
    """Clients of Socket.IO 2 are told so."""
    async with aiohttp.ClientSession() as http, http.get(f"{hub.url}/socket.io/{version}") as response:
        assert (response.status, (await response.json())["code"]) == (400, 5)


async def test_packets_by_polls(client: Raw) -> None:
    """Several in one body, in both directions."""
    await client.open()
    status, body = await client.post("40", '42["ping"]', '421["ping"]')
    assert (status, body) == (200, b"ok")
    got: list[str] = []
    while not got or not got[-1].startswith("431["):
        status, packets = await client.poll()
        assert status == 200
        got += packets
    assert got[0].startswith('40{"sid":"s-')
    assert client.sid not in "".join(got), "who knows it could poll: other clients see what the hub calls the session"
    assert json.loads(got[1][2:])[0] == "connection"
    assert [packet[:9] for packet in got[2:]] == ['42["pong"', '431[{"typ']


async def test_what_is_no_packet_ends_the_session(client: Raw) -> None:
    """On both transports; the session is gone then."""
    await client.open()
    assert (await client.post("abc"))[0] == 400
    assert (await client.poll())[0] == 400
    async with client.socket() as socket:
        await next_packet(socket)
        await socket.send_str("abc")
        message = await socket.receive(timeout=10)
        assert message.type is aiohttp.WSMsgType.CLOSE


async def test_two_polls_at_once_end_the_session(client: Raw) -> None:
    """Somebody is confused: the first one is told that it is closed."""
    await client.open()
    first = asyncio.create_task(client.poll())
    await asyncio.sleep(0.1)
    second = await client.poll()
    assert await first == (200, ["1"])
    assert second[0] == 400
    assert (await client.poll())[0] == 400


async def test_a_poll_that_is_given_up_ends_the_session(hub: LiveHub, client: Raw) -> None:
    """Once the client polls again: what was on its way to it may be lost. Unless it is the same request, sent again
    (tests/integration/test_socketio.py)."""
    await client.open()
    polling = asyncio.create_task(client.poll())
    await until(lambda: any(each._waiting is not None for each in hub.hub.socketio.polling.values()))
    polling.cancel()
    assert (await client.poll())[0] == 400
    assert [*hub.hub.connections] == []


async def test_two_posts_at_once_end_the_session(hub: LiveHub, client: Raw) -> None:
    """They could not be kept in order."""
    await client.open()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"4"
        await until(lambda: not len(hub.hub.connections))
        yield b"0"

    url = f"{hub.url}{PATH}&transport=polling&sid={client.sid}"
    async with aiohttp.ClientSession() as http:
        first = asyncio.create_task(http.post(url, data=slowly()))
        await until(lambda: any(each.posts.is_busy for each in hub.hub.socketio.polling.values()))
        assert (await client.post("40"))[0] == 400
        assert (await first).status == 400
    assert hub.hub.connections.closed == {CloseCode.PROTOCOL_ERROR: 1}


async def test_pings_by_polls() -> None:
    """The hub asks, the client answers; who doesn't is gone."""
    async with running(settings_for(websocket__heartbeat=0.5)) as live, raw(live) as client:
        greeting = await client.open()
        assert (greeting["pingInterval"], greeting["pingTimeout"]) == (500, 500)
        for _ in range(3):
            assert await client.poll() == (200, ["2"])
            assert (await client.post("3"))[0] == 200
        assert await client.poll() == (200, ["2"])
        async with asyncio.timeout(5):
            while (await client.poll())[0] != 400:
                pass
        assert [*live.hub.connections] == []
        assert live.hub.connections.closed == {CloseCode.HEARTBEAT_LOST: 1}


async def test_pings_by_websocket() -> None:
    """The same in frames."""
    settings = settings_for(websocket__heartbeat=0.5)
    async with running(settings) as live, raw(live) as client, client.socket() as socket:
        await next_packet(socket)
        for _ in range(3):
            assert await next_packet(socket, pings=True) == "2"
            await socket.send_str("3")
        assert await next_packet(socket, pings=True) == "2"
        assert (await socket.receive(timeout=5)).data == CloseCode.HEARTBEAT_LOST


async def test_a_client_closes(hub: LiveHub, client: Raw) -> None:
    """By the packet `1`: its poll is let go with nothing, and its session is gone."""
    await client.open()
    polling = asyncio.create_task(client.poll())
    await until(lambda: any(each._waiting is not None for each in hub.hub.socketio.polling.values()))
    assert (await client.post("1"))[0] == 200
    assert await polling == (200, ["6"])
    assert (await client.poll())[0] == 400
    await client.open()
    assert (await client.post("1"))[0] == 200
    assert [*hub.hub.connections] == []
    assert (await client.poll())[0] == 400


async def test_an_upgrade_loses_and_repeats_nothing(hub: LiveHub, client: Raw) -> None:
    """Publications before, during and after it come once each, in order."""
    await client.open()
    await client.post("40", f'420["subscribe","{CHANNEL}"]')
    got: list[str] = []
    while not any(packet.startswith("430") for packet in got):
        got += (await client.poll())[1]
    await hub.publish(CHANNEL, "tick", 0)
    async with client.socket(upgrade=True) as socket:
        polling = asyncio.create_task(client.poll())
        await hub.publish(CHANNEL, "tick", 1)
        await socket.send_str("2probe")
        assert await next_packet(socket) == "3probe"
        status, packets = await polling
        assert status == 200
        got += packets
        await hub.publish(CHANNEL, "tick", 2)
        got += [packet for packet in (await client.poll())[1] if packet != "6"]
        await hub.publish(CHANNEL, "tick", 3)
        await socket.send_str("5")
        await asyncio.sleep(0.05)
        await hub.publish(CHANNEL, "tick", 4)
        while len([packet for packet in got if '["tick"' in packet]) < 5:
            got.append(await next_packet(socket))
        assert (await client.poll())[0] == 400
    assert [json.loads(packet[2:])[1] for packet in got if '["tick"' in packet] == [0, 1, 2, 3, 4]


async def test_a_probe_that_fails_leaves_the_polls(hub: LiveHub, client: Raw) -> None:
    """The WebSocket is cut, and the session goes on."""
    await client.open()
    await client.post("40")
    async with client.socket(upgrade=True) as socket:
        await socket.send_str("40")
        assert (await socket.receive(timeout=5)).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    status, packets = await client.poll()
    assert (status, packets[0][:2]) == (200, "40")
    assert len(hub.hub.connections) == 1


async def test_a_second_upgrade_is_closed(client: Raw) -> None:
    """While one is under way, and when there was one; the first one goes on."""
    await client.open()
    async with client.socket(upgrade=True) as socket:
        await socket.send_str("2probe")
        assert await next_packet(socket) == "3probe"
        for said, answer in (("5", ""), ("40", "40"), ('420["ping"]', "42")):
            async with client.socket(upgrade=True) as second:
                assert (await second.receive(timeout=5)).data == CloseCode.NORMAL
            await socket.send_str(said)
            assert not answer or (await next_packet(socket)).startswith(answer)


async def test_a_client_closes_its_websocket(hub: LiveHub, client: Raw) -> None:
    """By the same packet."""
    async with client.socket() as socket:
        await next_packet(socket)
        await socket.send_str("1")
        assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
        await until(lambda: not len(hub.hub.connections))


async def test_a_poll_while_going_over(client: Raw) -> None:
    """Is answered with nothing, and at once, so that the client can stop to poll."""
    await client.open()
    async with client.socket(upgrade=True) as socket:
        await socket.send_str("2probe")
        assert await next_packet(socket) == "3probe"
        assert await client.poll() == (200, ["6"])
        await socket.send_str("5")
        await socket.send_str("40")
        assert (await next_packet(socket)).startswith("40{")


async def test_who_has_gone_over_polls_no_more(client: Raw) -> None:
    """Also when it didn't wait for the answer to its probe. The WebSocket goes on."""
    await client.open()
    async with client.socket(upgrade=True) as socket:
        await socket.send_str("2probe")
        await socket.send_str("5")
        assert await next_packet(socket) == "3probe"
        assert (await client.poll())[0] == 400
        assert (await client.post("40"))[0] == 400
        await socket.send_str("40")
        assert (await next_packet(socket)).startswith("40{")


@pytest.mark.parametrize(
    "query", ["?transport=websocket", "?EIO=abc&transport=websocket", "?EIO=4", "?EIO=4&transport=abc"]
)
async def test_a_websocket_that_asks_wrongly(hub: LiveHub, query: str) -> None:
    """Isn't opened."""
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{hub.url}/socket.io/{query}")
    assert refused.value.status == 400

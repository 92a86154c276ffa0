"""Engine.IO 4 and Socket.IO 5 on a real hub, packet by packet: the cases of the protocols' documents that apply."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from hub.closing import CloseCode
from tests.integration.api_client import token_for
from tests.live import LiveHub, running, settings_for, until, with_keys

PATH = "/socket.io/?EIO=4"
CHANNEL = "ai_analysis"


class Raw:
    """A client that sends packets as they are."""

    def __init__(self, hub: LiveHub, http: aiohttp.ClientSession) -> None:
        self._url = hub.url + PATH
        self._http = http
        self.sid = ""

    async def ask(self, query: str, method: str = "GET", body: bytes = b"") -> tuple[int, bytes]:
        """Send a request; return status and body."""
        async with self._http.request(method, self._url + query, data=body or None) as response:
            return response.status, await response.read()

    async def open(self) -> dict[str, Any]:
        """Begin with polls; return what the hub greets with."""
        status, body = await self.ask("&transport=polling")
        assert (status, body[:1]) == (200, b"0")
        greeting: dict[str, Any] = json.loads(body[1:])
        self.sid = greeting["sid"]
        return greeting

    async def poll(self) -> tuple[int, list[str]]:
        """Wait for packets."""
        status, body = await self.ask(f"&transport=polling&sid={self.sid}")
        return status, body.decode().split("\x1e")

    async def post(self, *packets: str) -> tuple[int, bytes]:
        """Send packets."""
        return await self.ask(f"&transport=polling&sid={self.sid}", "POST", "\x1e".join(packets).encode())

    def socket(self, *, upgrade: bool = False) -> Any:
        """Open a WebSocket, of its own or to go over to."""
        return self._http.ws_connect(f"{self._url}&transport=websocket" + (f"&sid={self.sid}" if upgrade else ""))


@asynccontextmanager
async def raw(hub: LiveHub) -> AsyncIterator[Raw]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http:
        yield Raw(hub, http)


@pytest.fixture
async def client(hub: LiveHub) -> AsyncIterator[Raw]:
    async with raw(hub) as client:
        yield client


async def _next(socket: aiohttp.ClientWebSocketResponse, *, pings: bool = False) -> str:
    while True:
        text = await socket.receive_str(timeout=10)
        if pings or text != "2":
            return text


# Engine.IO: the handshake.


async def test_a_session_by_polls(client: Raw) -> None:
    """The greeting says where to go on, and how often there are pings."""
    greeting = await client.open()
    assert list(greeting) == ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"]
    assert greeting["upgrades"] == ["websocket"]
    assert (greeting["pingInterval"], greeting["pingTimeout"], greeting["maxPayload"]) == (30_000, 30_000, 1_048_576)


async def test_a_session_by_websocket(client: Raw) -> None:
    """There is nothing to upgrade to."""
    async with client.socket() as socket:
        text = await _next(socket)
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


async def test_it_can_be_switched_off() -> None:
    """Then there is nothing at the path."""
    async with running(settings_for(socketio__enabled=False)) as live, raw(live) as client:
        assert (await client.ask("&transport=polling"))[0] == 404


# Engine.IO: messages, pings, the end.


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
    assert got[0] == '40{"sid":"' + client.sid + '"}'
    assert json.loads(got[1][2:])[0] == "connection"
    assert [packet[:9] for packet in got[2:]] == ['42["pong"', '431[{"typ']


async def test_what_is_no_packet_ends_the_session(client: Raw) -> None:
    """On both transports; the session is gone then."""
    await client.open()
    assert (await client.post("abc"))[0] == 400
    assert (await client.poll())[0] == 400
    async with client.socket() as socket:
        await _next(socket)
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
        await _next(socket)
        for _ in range(3):
            assert await _next(socket, pings=True) == "2"
            await socket.send_str("3")
        assert await _next(socket, pings=True) == "2"
        assert (await socket.receive(timeout=5)).data == CloseCode.HEARTBEAT_LOST


async def test_a_client_closes(hub: LiveHub, client: Raw) -> None:
    """By the packet `1`."""
    await client.open()
    assert (await client.post("1"))[0] == 200
    assert [*hub.hub.connections] == []
    assert (await client.poll())[0] == 400


async def test_who_does_not_poll_is_bounded() -> None:
    """Like every client that doesn't read."""
    settings = settings_for(limits__queued_bytes=10_000)
    async with running(settings) as live, raw(live) as client:
        await client.open()
        await client.post("40", f'42["subscribe","{CHANNEL}"]')
        for _ in range(20):
            await live.publish(CHANNEL, "tick", "x" * 1000)
        await asyncio.sleep(0.1)
        assert live.hub.connections.closed == {CloseCode.SLOW_CONSUMER: 1}
        assert (await client.poll())[0] == 400


# Going over from polls to a WebSocket.


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
        assert await _next(socket) == "3probe"
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
            got.append(await _next(socket))
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


async def test_a_second_upgrade_is_refused(client: Raw) -> None:
    """While one is under way."""
    await client.open()
    async with client.socket(upgrade=True) as socket:
        await socket.send_str("2probe")
        assert await _next(socket) == "3probe"
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.socket(upgrade=True)
        assert refused.value.status == 400


# Socket.IO.


@asynccontextmanager
async def connected(client: Raw, auth: str = "") -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with client.socket() as socket:
        await _next(socket)
        await socket.send_str("40" + auth)
        assert (await _next(socket)).startswith('40{"sid":"')
        assert (await _next(socket)).startswith('42["connection",')
        yield socket


async def test_another_namespace(client: Raw) -> None:
    """There is none."""
    async with connected(client) as socket:
        await socket.send_str("40/random")
        assert await _next(socket) == '44/random,{"message":"Invalid namespace"}'
        await socket.send_str('42/random,["x"]')
        await socket.send_str('427["ping"]')
        assert (await _next(socket)).startswith("437[")


@pytest.mark.parametrize("packet", ["4abc", "42{}", '42abc["ping"]', "x", "bAQ=="])
async def test_a_malformed_packet_ends_the_connection(client: Raw, packet: str) -> None:
    """As the protocol wants it."""
    async with connected(client) as socket:
        await socket.send_str(packet)
        assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


async def test_events_before_connecting_end_the_connection(client: Raw) -> None:
    """A client connects to the namespace first."""
    async with client.socket() as socket:
        await _next(socket)
        await socket.send_str('42["ping"]')
        assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


async def test_who_never_connects_is_closed() -> None:
    """After the time that every connection has to say who it is."""
    async with (
        running(settings_for(websocket__auth_timeout=0.5)) as live,
        raw(live) as client,
        client.socket() as socket,
    ):
        await _next(socket)
        assert (await socket.receive(timeout=5)).data == CloseCode.AUTHENTICATION_TIMEOUT


async def test_binary_events_are_refused(client: Raw) -> None:
    """With their attachments; the connection goes on."""
    async with connected(client) as socket:
        await socket.send_str('451-["publish",{"_placeholder":true,"num":0}]')
        await socket.send_bytes(b"\x01")
        assert json.loads((await _next(socket))[2:])[1]["code"] == "unsupported_data"
        await socket.send_str('427["ping"]')
        assert (await _next(socket)).startswith("437[")


async def test_leaving_the_namespace_ends_the_subscriptions(hub: LiveHub, client: Raw) -> None:
    """The connection stays, and is pinged on."""
    async with connected(client) as socket:
        await socket.send_str(f'420["subscribe","{CHANNEL}"]')
        assert (await _next(socket)).startswith("430[")
        await socket.send_str("41")
        await until(lambda: not hub.hub.engine.registry.counts())
        await hub.publish(CHANNEL, "tick", 1)
        await socket.send_str("40")
        assert (await _next(socket)).startswith("44")


async def test_tokens() -> None:
    """In `auth`; without one, or with a wrong one, the client hears why and may try again on the same connection."""
    async with running(with_keys()) as live, raw(live) as client, client.socket() as socket:
        await _next(socket)
        for auth, code in (("", "unauthenticated"), ('{"token":"wrong"}', "invalid_token")):
            await socket.send_str("40" + auth)
            refusal = json.loads((await _next(socket)).removeprefix("44"))
            assert refusal["data"]["code"] == code
            assert "wrong" not in refusal["message"]
        await socket.send_str("40" + json.dumps({"token": token_for(live, "alice")}))
        assert (await _next(socket)).startswith('40{"sid":"')
        assert json.loads((await _next(socket))[2:])[1]["user"] == "alice"


async def test_channels_with_the_connection(hub: LiveHub, client: Raw) -> None:
    """A client may name its channels and positions when it connects, and so miss nothing over a reconnect."""
    for number in range(3):
        await hub.publish(CHANNEL, "tick", number)
    async with connected(client, json.dumps({"channels": [CHANNEL], "since": {CHANNEL: {"offset": 1}}})) as socket:
        reply = json.loads((await _next(socket))[2:])
        assert (reply[0], reply[1]["replayed"]) in (("subscribe", 2), ("subscribe", 3))


async def test_channels_by_configuration() -> None:
    """So that `io(url).on("tick", ...)` alone gets something."""
    settings = settings_for(socketio__channels=[CHANNEL])
    async with running(settings) as live, raw(live) as client, connected(client) as socket:
        assert (await _next(socket)).startswith('42["subscribe",')
        await live.publish(CHANNEL, "tick", {"stage": "1/14"})
        assert json.loads((await _next(socket))[2:])[:2] == ["tick", {"stage": "1/14"}]


async def test_pages_of_other_origins_are_refused(hub: LiveHub) -> None:
    """By polls too: the rule is that of WebSockets."""
    headers = {"Origin": "https://evil.example"}
    url = f"{hub.url}{PATH}&transport=polling"
    async with aiohttp.ClientSession(headers=headers) as http, http.get(url) as response:
        assert response.status == 403
    assert [*hub.hub.connections] == []

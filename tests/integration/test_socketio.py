"""Socket.IO on a real hub, packet by packet: what a hub makes of the protocol. (The protocol itself is in
tests/conformance/test_socketio_protocol.py.)"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from hub.closing import CloseCode
from hub.socketio import connection
from tests.conformance.packets import PATH, Raw, connected, next_packet, raw
from tests.integration.api_client import token_for
from tests.live import LiveHub, running, settings_for, until, with_keys

CHANNEL = "ai_analysis"


@pytest.fixture
async def client(hub: LiveHub) -> AsyncIterator[Raw]:
    async with raw(hub) as client:
        yield client


async def test_it_can_be_switched_off() -> None:
    """Then there is nothing at the path."""
    async with running(settings_for(socketio__enabled=False)) as live, raw(live) as client:
        assert (await client.ask("&transport=polling"))[0] == 404


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


async def test_binary_events_are_refused(client: Raw) -> None:
    """With their attachments; the connection goes on."""
    async with connected(client) as socket:
        await socket.send_str('451-["publish",{"_placeholder":true,"num":0}]')
        await socket.send_bytes(b"\x01")
        assert json.loads((await next_packet(socket))[2:])[1]["code"] == "unsupported_data"
        await socket.send_str('427["ping"]')
        assert (await next_packet(socket)).startswith("437[")


async def test_tokens() -> None:
    """In `auth`; without one, or with a wrong one, the client hears why and may try again on the same connection."""
    async with running(with_keys()) as live, raw(live) as client, client.socket() as socket:
        await next_packet(socket)
        for auth, code in (("", "unauthenticated"), ('{"token":"wrong"}', "invalid_token")):
            await socket.send_str("40" + auth)
            refusal = json.loads((await next_packet(socket)).removeprefix("44"))
            assert refusal["data"]["code"] == code
            assert "wrong" not in refusal["message"]
        await socket.send_str("40" + json.dumps({"token": token_for(live, "alice")}))
        assert (await next_packet(socket)).startswith('40{"sid":"')
        assert json.loads((await next_packet(socket))[2:])[1]["user"] == "alice"


async def test_channels_with_the_connection(hub: LiveHub, client: Raw) -> None:
    """A client may name its channels and positions when it connects, and so miss nothing over a reconnect."""
    for number in range(3):
        await hub.publish(CHANNEL, "tick", number)
    async with connected(client, json.dumps({"channels": [CHANNEL], "since": {CHANNEL: {"offset": 1}}})) as socket:
        reply = json.loads((await next_packet(socket))[2:])
        assert (reply[0], reply[1]["replayed"]) in (("subscribe", 2), ("subscribe", 3))


async def test_channels_by_configuration() -> None:
    """So that `io(url).on("tick", ...)` alone gets something."""
    settings = settings_for(socketio__channels=[CHANNEL])
    async with running(settings) as live, raw(live) as client, connected(client) as socket:
        assert (await next_packet(socket)).startswith('42["subscribe",')
        await live.publish(CHANNEL, "tick", {"stage": "1/14"})
        assert json.loads((await next_packet(socket))[2:])[:2] == ["tick", {"stage": "1/14"}]


async def test_pages_of_other_origins_are_refused(hub: LiveHub) -> None:
    """By polls too: the rule is that of WebSockets."""
    headers = {"Origin": "https://evil.example"}
    url = f"{hub.url}{PATH}&transport=polling"
    async with aiohttp.ClientSession(headers=headers) as http, http.get(url) as response:
        assert response.status == 403
    assert [*hub.hub.connections] == []


# What goes wrong.


async def test_the_name_of_a_session_opens_nothing(hub: LiveHub, client: Raw) -> None:
    """Other clients see it in lists of who is present. Who knew Engine.IO's id could read and send for a client."""
    await client.open()
    await client.post("40", f'420["subscribe",{{"channel":"{CHANNEL}","presence":true}}]')
    async with connected(client) as other:
        await other.send_str(f'420["presence","{CHANNEL}"]')
        members = json.loads((await next_packet(other))[3:])[0]["members"]
        assert len(members) == 1
        assert client.sid not in json.dumps(members)
        for method in ("GET", "POST"):
            assert (await client.ask(f"&transport=polling&sid={members[0]['session']}", method, b"1"))[0] == 400
    assert client.sid not in repr([*hub.hub.connections])


@pytest.mark.parametrize("end", ["silence", "upgrade", "close"])
async def test_nothing_is_left_of_clients_that_polled(end: str) -> None:
    """However they end: they fall silent, go over to a WebSocket that is cut, or close."""
    async with running(settings_for(websocket__heartbeat=0.3)) as live, raw(live) as client:
        for _ in range(5):
            await client.open()
            await client.post("40")
            if end == "upgrade":
                async with client.socket(upgrade=True) as socket:
                    await socket.send_str("2probe")
                    assert await next_packet(socket) == "3probe"
                    await socket.send_str("5")
                    await next_packet(socket)
            elif end == "close":
                await client.post("1")
        await until(lambda: not len(live.hub.connections))
        assert live.hub.socketio.polling == {}


async def test_a_client_that_leaves_in_the_middle_of_a_poll(
    hub: LiveHub, client: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is found to have left long before its pings go unanswered."""
    monkeypatch.setattr(connection, "LOOK", 0.05)
    await client.open()
    await client.post("40")
    await client.poll()
    polling = asyncio.create_task(client.poll())
    await until(lambda: any(each._waiting is not None for each in hub.hub.socketio.polling.values()))
    polling.cancel()
    await until(lambda: not len(hub.hub.connections))
    assert hub.hub.connections.closed == {1006: 1}


async def test_requests_that_are_sent_again(client: Raw) -> None:
    """By a browser or Node, since a kept connection broke: polls get the same answer, and posts are taken once."""
    await client.open()
    for _ in range(2):
        assert (await client.ask(f"&transport=polling&sid={client.sid}&t=p1", "POST", b'40\x1e420["ping"]'))[0] == 200
    packets: list[str] = []
    number = 0
    while not any(packet.startswith("430[") for packet in packets):
        number += 1
        query = f"&transport=polling&sid={client.sid}&t=g{number}"
        first, second = await client.ask(query), await client.ask(query)
        assert first == second
        packets += first[1].decode().split("\x1e")
    assert [packet[:3] for packet in packets].count("430") == 1
    await client.post('421["ping"]')
    status, said = await client.ask(f"&transport=polling&sid={client.sid}&t=last")
    assert (status, said[:4]) == (200, b"431[")


async def test_requests_that_only_say_the_time(client: Raw) -> None:
    """Are each other's repetitions for nobody: clients of other languages write it in whole seconds."""
    await client.open()
    await client.post("40")
    await client.poll()
    for number in (1, 2):
        same = f"&transport=polling&sid={client.sid}&t=1795276800"
        assert (await client.ask(same, "POST", b'42%d["ping"]' % number))[1] == b"ok"
        assert (await client.ask(same))[1].startswith(b"43%d[" % number)


async def test_a_body_that_is_too_long(client: Raw) -> None:
    """Is refused as on every endpoint, and the session goes on; so it is told what the limit is."""
    greeting = await client.open()
    status, body = await client.post("40" + " " * (greeting["maxPayload"] + 1))
    assert (status, json.loads(body)["error"]["code"]) == (413, "data_too_large")
    await client.post("40")
    assert (await client.poll())[1][0].startswith("40{")


async def test_posts_while_going_over(client: Raw) -> None:
    """Are taken as before: a client may have sent them just then."""
    await client.open()
    await client.post("40")
    async with client.socket(upgrade=True) as socket:
        await socket.send_str("2probe")
        assert await next_packet(socket) == "3probe"
        assert (await client.post('421["ping"]'))[0] == 200
        await socket.send_str("5")
        while not (await next_packet(socket)).startswith("431["):
            pass


async def test_who_is_banned_between_two_polls(hub: LiveHub, client: Raw) -> None:
    """Hears it with the next one, and stays away."""
    await client.open()
    await client.post("40")
    await client.poll()
    [each] = hub.hub.connections
    each.close(CloseCode.BANNED, "enough")
    assert await client.poll() == (200, ["41"])
    assert (await client.poll())[0] == 400


async def test_pages_of_allowed_origins() -> None:
    """Get the headers that browsers want, preflights included; others get none."""
    async with (
        running(settings_for(server__origins=["https://portal.example"])) as live,
        aiohttp.ClientSession() as http,
    ):
        asks = {"Origin": "https://portal.example", "Access-Control-Request-Method": "POST"}
        asks["Access-Control-Request-Headers"] = "content-type"
        url = f"{live.url}{PATH}&transport=polling"
        async with http.options(url, headers=asks) as preflight:
            assert preflight.status == 200
            assert preflight.headers["Access-Control-Allow-Origin"] == "https://portal.example"
        async with http.get(url, headers={"Origin": "https://portal.example"}) as answer:
            assert answer.status == 200
            assert answer.headers["Access-Control-Allow-Origin"] == "https://portal.example"
            assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        async with http.get(url, headers={"Origin": "https://other.example"}) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (403, "permission_denied")
            assert "Access-Control-Allow-Origin" not in answer.headers


async def test_jsonp_is_not_spoken(client: Raw) -> None:
    """Clients of Socket.IO 4 don't; the answer is JSON-free text, whatever is asked for."""
    status, body = await client.ask("&transport=polling&j=0")
    assert (status, body[:2]) == (200, b"0{")

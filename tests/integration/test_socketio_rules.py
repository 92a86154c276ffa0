"""Socket.IO clients under the rules of every connection, by both transports: rights, refusals, idleness, operators, and
what the numbers say of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from hub.closing import CloseCode
from tests.conformance.packets import Raw, raw
from tests.integration.api_client import token_for
from tests.live import LiveHub, running, settings_for, until, with_keys

CHANNEL = "ai_analysis"
EACH = pytest.mark.parametrize("transport", ["websocket", "polling"])


class Talk:
    """A client that says packets and hears packets, whatever carries them."""

    def __init__(self, client: Raw, socket: aiohttp.ClientWebSocketResponse | None) -> None:
        self._client = client
        self._socket = socket
        self._heard: list[str] = []

    async def say(self, *packets: str) -> None:
        if self._socket is None:
            await self._client.post(*packets)
            return
        for packet in packets:
            await self._socket.send_str(packet)

    async def hear(self, head: str) -> str:
        """Return the next packet that begins so, without its head."""
        async with asyncio.timeout(15):
            while True:
                while not self._heard:
                    await self._listen()
                packet = self._heard.pop(0)
                if packet.startswith(head):
                    return packet.removeprefix(head)

    async def _listen(self) -> None:
        if self._socket is None:
            status, packets = await self._client.poll()
            assert status == 200, packets
            self._heard += packets
        else:
            self._heard.append(await self._socket.receive_str())

    async def ask(self, event: str) -> dict[str, Any]:
        """Send an event with its arguments in JSON; return the acknowledgement."""
        await self.say(f"427[{event}]")
        answer: dict[str, Any] = json.loads(await self.hear("437"))[0]
        return answer


@asynccontextmanager
async def talking(live: LiveHub, transport: str, **auth: Any) -> AsyncIterator[Talk]:
    """Connect, and hear the welcome."""
    async with raw(live) as client:
        if transport == "polling":
            await client.open()
            talk = Talk(client, None)
            await talk.say("40" + json.dumps(auth))
            await talk.hear('42["connection"')
            yield talk
            return
        async with client.socket() as socket:
            talk = Talk(client, socket)
            await talk.say("40" + json.dumps(auth))
            await talk.hear('42["connection"')
            yield talk


@EACH
async def test_rights_are_those_of_the_token(transport: str) -> None:
    """To subscribe, to publish, to read what was, and to see who is there."""
    async with running(with_keys()) as live:
        alice = token_for(live, "alice", subscribe=(CHANNEL,), publish=("room:mine",), rooms=("mine",))
        async with talking(live, transport, token=alice) as talk:
            for event, code in (
                (f'"subscribe","{CHANNEL}"', None),
                ('"subscribe","user:bob"', "permission_denied"),
                ('"publish",{"channel":"room:mine","type":"note","data":1}', None),
                (f'"publish",{{"channel":"{CHANNEL}","type":"note","data":1}}', "permission_denied"),
                ('"history","user:bob"', "permission_denied"),
                ('"presence","user:bob"', "permission_denied"),
            ):
                assert (await talk.ask(event)).get("code") == code, event


@EACH
async def test_refused_commands_are_limited(transport: str) -> None:
    """Who goes on all the same is closed, and told to stay away."""
    async with running(settings_for(limits__errors_per_minute=5)) as live, talking(live, transport) as talk:
        await talk.say(*['42["dance"]'] * 6)
        assert await talk.hear("41") == ""
        await until(lambda: live.hub.connections.closed == {CloseCode.ABUSIVE: 1})


@EACH
async def test_who_does_nothing_is_closed(transport: str) -> None:
    """Though it answers pings, as everybody does; commands count."""
    settings = settings_for(websocket__idle_timeout=1.5, websocket__heartbeat=0.25)
    async with running(settings) as live, talking(live, transport) as talk:
        [connection] = live.hub.connections
        active = connection.active

        async def answer_pings() -> None:
            while True:
                await talk.hear("2")
                await talk.say("3")

        answering = asyncio.create_task(answer_pings())
        await until(lambda: live.hub.connections.closed == {CloseCode.IDLE: 1})
        assert connection.active == active
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
    async with running(settings_for(websocket__idle_timeout=1.5)) as live, talking(live, transport) as talk:
        [connection] = live.hub.connections
        active = connection.active
        await talk.ask('"ping"')
        assert connection.active > active


@EACH
async def test_a_revoked_user_is_out(transport: str) -> None:
    """At once, and its token opens nothing any more."""
    async with running(with_keys()) as live:
        alice, root = token_for(live, "alice"), token_for(live, "root", admin=True)
        async with talking(live, transport, token=alice) as talk, aiohttp.ClientSession() as http:
            headers = {"Authorization": f"Bearer {root}"}
            async with http.post(f"{live.url}/api/revocations", json={"user": "alice"}, headers=headers) as answer:
                assert answer.status == 204
            assert await talk.hear("41") == ""
            await until(lambda: live.hub.connections.closed == {CloseCode.TOKEN_REVOKED: 1})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3), talking(live, transport, token=alice):
                pass


@EACH
async def test_operators_see_it_and_can_end_it(hub: LiveHub, transport: str) -> None:
    """In the list of connections, with its channels; and it may come back."""
    async with talking(hub, transport) as talk, aiohttp.ClientSession() as http:
        await talk.ask(f'"subscribe","{CHANNEL}"')
        async with http.get(f"{hub.url}/api/connections") as answer:
            [listed] = (await answer.json())["connections"]
        assert (listed["transport"], listed["channels"], listed["address"]) == ("socketio", [CHANNEL], "127.0.0.1")
        async with http.delete(f"{hub.url}/api/connections/{listed['session']}") as answer:
            assert await answer.json() == {"disconnected": 1}
        await until(lambda: hub.hub.connections.closed == {CloseCode.DISCONNECTED: 1})


@EACH
async def test_what_the_numbers_say(hub: LiveHub, transport: str) -> None:
    """Of connections, subscriptions, deliveries and refused commands."""
    async with talking(hub, transport) as talk, aiohttp.ClientSession() as http:
        await talk.ask(f'"subscribe","{CHANNEL}"')
        await talk.ask('"dance"')
        await hub.publish(CHANNEL, "tick", 1)
        await talk.hear('42["tick"')
        async with http.get(f"{hub.url}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        assert {
            "tocsin_connections 1.0",
            "tocsin_connections_opened_total 1.0",
            f'tocsin_subscriptions{{channel="{CHANNEL}"}} 1.0',
            "tocsin_deliveries_total 1.0",
            'tocsin_command_errors_total{code="unknown_action"} 1.0',
        } <= set(lines)


async def test_polls_that_wait_are_no_slow_answers(hub: LiveHub) -> None:
    """The time in which there was nothing to say isn't counted; and a client between two polls isn't a slow one."""
    async with talking(hub, "polling") as talk, aiohttp.ClientSession() as http:
        await talk.ask(f'"subscribe","{CHANNEL}"')
        hearing = asyncio.create_task(talk.hear('42["tick"'))
        await asyncio.sleep(1.0)
        await hub.publish(CHANNEL, "tick", 1)
        await hearing
        async with http.get(f"{hub.url}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        [seconds] = [
            line
            for line in lines
            if line.startswith("tocsin_http_request_seconds_sum") and "socket.io" in line and "GET" in line
        ]
        assert float(seconds.split(" ")[1]) < 0.9
        assert "tocsin_slow_connections 0.0" in lines
        async with http.get(f"{hub.url}/api/connections") as answer:
            assert [each["slow"] for each in (await answer.json())["connections"]] == [False]

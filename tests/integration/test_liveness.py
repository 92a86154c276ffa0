"""Dead links, idle clients and clients that never say who they are: each is found in time and closed by its code."""

from __future__ import annotations

import asyncio
import json

import aiohttp

from channels.clock import SystemClock
from hub.auth import sign
from hub.closing import CloseCode
from hub.wheel import TICK
from tests.conformance.raw import CLOSE, PING, PONG, Frame, frame, text, upgraded
from tests.live import Client, running, settings_for, until, with_keys
from tests.proxy import proxied

HEARTBEAT = 0.5

FOUND = 2 * HEARTBEAT + TICK
"""Longest time to find a dead link: two intervals, and the wheel's tick."""

SLACK = 0.5
"""What a busy machine may add."""


def now() -> float:
    """Return the loop's time."""
    return asyncio.get_running_loop().time()


async def test_a_peer_that_answers_no_ping_is_closed() -> None:
    """A client that sends nothing, not even pongs, is pinged after one interval and closed with 4000 within two."""
    async with running(settings_for(websocket__heartbeat=HEARTBEAT)) as live, upgraded(live.port) as silent:
        began = now()
        await silent.receive()
        assert await silent.receive() == Frame(PING, b"")
        assert now() - began > HEARTBEAT - 0.05
        closing = await silent.receive()
        assert now() - began < FOUND + SLACK
        assert (closing.opcode, closing.payload[:2]) == (CLOSE, CloseCode.HEARTBEAT_LOST.to_bytes(2))


async def test_whoever_answers_pings_stays() -> None:
    """Pongs alone keep a connection alive for any number of intervals; every browser sends them by itself. Intervals
    don't grow by the time that the hub is late with each."""
    async with running(settings_for(websocket__heartbeat=TICK)) as live, upgraded(live.port) as peer:
        began = now()
        await peer.receive()
        for _ in range(5):
            assert await peer.receive() == Frame(PING, b"")
            peer.send(frame(PONG))
        assert now() - began < 6 * TICK + SLACK
        peer.send(text('{"action": "ping"}'))
        assert json.loads((await peer.receive()).payload)["type"] == "pong"


async def test_any_sign_of_life_will_do() -> None:
    """A client that answers no ping but sends commands is alive."""
    async with running(settings_for(websocket__heartbeat=TICK)) as live, upgraded(live.port) as peer:
        await peer.receive()
        for _ in range(5):
            assert await peer.receive() == Frame(PING, b"")
            peer.send(text('{"action": "ping"}'))
            assert json.loads((await peer.receive()).payload)["type"] == "pong"


async def test_a_half_open_link_is_found() -> None:
    """When a wire is dead in both directions, without an end or a reset, the connection is off its channels within two
    intervals and forgotten after the close timeout; whoever has a live link notices nothing."""
    settings = settings_for(websocket__heartbeat=HEARTBEAT, websocket__close_timeout=0.25)
    async with running(settings) as live, proxied(live.port) as proxy, live.client("near") as near:
        listening = asyncio.create_task(near.receive(10))  # while it reads, it answers pings
        async with live.client("far", port=proxy.port) as far:
            await far.ask(action="subscribe", channel="system_alerts")
            proxy.hold()
            cut = now()
            await until(lambda: not live.hub.manager.get_stats()["channel_stats"])
            assert now() - cut < FOUND + SLACK
            await until(lambda: len(live.hub.connections) == 1)
            assert live.hub.connections.closed == {CloseCode.HEARTBEAT_LOST: 1}
            proxy.pass_on()
            assert (await far.closed())[0] == CloseCode.HEARTBEAT_LOST
        assert await live.hub.manager.send_to_client("near", {"type": "note"}) == 1
        assert (await listening)["type"] == "note"


async def test_a_link_that_only_stalls_is_kept() -> None:
    """A link that is dead for less than an interval loses nothing: what was sent meanwhile arrives when it is back."""
    async with (
        running(settings_for(websocket__heartbeat=HEARTBEAT)) as live,
        proxied(live.port) as proxy,
        live.client(port=proxy.port) as client,
    ):
        await client.ask(action="subscribe", channel="system_alerts")
        proxy.hold()
        await live.publish("system_alerts", "t", 1)
        await client.send({"action": "ping"})
        proxy.pass_on()
        assert [(await client.receive())["type"] for _ in range(2)] == ["t", "pong"]


async def test_idle_clients_are_closed_and_active_ones_are_not() -> None:
    """A client that answers pings, and even sends some, but no command, is closed with 4001. One that sends commands is
    not, and neither is one that gets publications."""
    limit = 0.5
    settings = settings_for(websocket__idle_timeout=limit, websocket__heartbeat=TICK)
    async with (
        running(settings) as live,
        live.client("idle") as idle,
        live.client("talker") as talker,
        live.client("listener") as listener,
    ):
        began = now()
        await listener.ask(action="subscribe", channel="system_alerts")
        closing = asyncio.create_task(idle.closed(10))
        ended = 0.0
        number = 0
        while now() < began + 4 * limit:
            number += 1
            await live.publish("system_alerts", "t", number)
            assert (await listener.receive())["data"] == number
            assert (await talker.ask(action="ping"))["type"] == "pong"
            if not closing.done():
                await idle.socket.ping()
            elif not ended:
                ended = now()
            await asyncio.sleep(limit / 10)
        code, reason = await closing
        assert code == CloseCode.IDLE
        assert reason == "no command and no publication for 0.5 s"
        assert limit - 0.05 < ended - began < limit + TICK + SLACK
        assert live.hub.connections.closed == {CloseCode.IDLE: 1}


async def test_whoever_does_not_authenticate_in_time_is_closed() -> None:
    """Without `authenticate` a connection is closed with 4004 when its time is over, pings or not; with it, not."""
    settings = with_keys(websocket__auth_timeout=0.5)
    async with running(settings) as live, live.client("late") as late, live.client("good") as good:
        began = now()
        token = sign("alice", options=settings.auth, clock=SystemClock())
        assert (await good.ask(action="authenticate", token=token))["status"] == "connected"
        assert (await late.ask(action="ping"))["type"] == "pong"
        assert (await late.ask(action="subscribe", channel="system_alerts"))["code"] == "unauthenticated"
        assert await _close_of(late) == CloseCode.AUTHENTICATION_TIMEOUT
        assert 0.45 < now() - began < 0.5 + TICK + SLACK
        assert (await good.ask(action="ping"))["type"] == "pong"


async def _close_of(client: Client) -> int | None:
    message = await client.socket.receive(5)
    assert message.type is aiohttp.WSMsgType.CLOSE
    return client.socket.close_code

"""What clients see of a broker that goes away, that has lost publications, or that takes them later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from channels.clock import SystemClock
from channels.errors import ErrorCode, ReplyError
from channels.memory import MemoryBroker
from channels.model import Draft, Gap, Position, Publication, Published
from channels.policy import ChannelOptions
from channels.ports import ignore_gap
from hub.backends import in_memory
from hub.notify import Inbox
from hub.options import Settings
from hub.server import Server
from hub.wiring import build
from tests.integration.api_client import api_of, token_for
from tests.integration.event_stream import streaming
from tests.live import LiveHub, settings_for, until, with_keys

AWAY = "no connection to redis://10.0.0.7:6379"


class Unsteady(MemoryBroker):
    """A broker in memory that behaves as one behind a link: it may lose publications, or be away.

    Attributes:
        away: publishes are spooled.
        refuses: they are refused instead.
    """

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.away = self.refuses = False
        self.on_gap: Callable[[Gap], None] = ignore_gap

    def listen(self, listener: Callable[[Publication], int], on_gap: Callable[[Gap], None] = ignore_gap) -> None:
        super().listen(listener, on_gap)
        self.on_gap = on_gap

    async def publish(self, draft: Draft, options: ChannelOptions) -> Published:
        if self.refuses:
            raise ReplyError(ErrorCode.UNAVAILABLE, "Redis is away; try again in a moment")
        return Published(None, queued=True) if self.away else await super().publish(draft, options)

    def lose(self, channel: str, after: Position, until: Position) -> None:
        """Announce a gap."""
        self.on_gap(Gap(channel, after, until))


@asynccontextmanager
async def unsteady(settings: Settings) -> AsyncIterator[tuple[LiveHub, Unsteady]]:
    broker = Unsteady()
    backends = replace(in_memory(settings, SystemClock()), broker=broker)
    server = Server(build(settings, inbox=Inbox(), backends=backends))
    await server.start()
    try:
        yield LiveHub(server), broker
    finally:
        await server.stop()


async def test_clients_are_told_that_the_broker_is_away_and_that_it_is_back() -> None:
    """Those who are there, and those who come; nobody is closed, and nobody is told where the broker is."""
    async with unsteady(settings_for()) as (live, _), api_of(live) as api, live.client("early") as early:
        availability = live.hub.across.availability
        availability.changed(False, AWAY)
        degraded = await early.receive()
        assert (degraded["type"], sorted(degraded)) == ("degraded", ["reason", "timestamp", "type"])
        assert "10.0.0.7" not in degraded["reason"]
        async with live.client("late") as late:
            assert late.welcome["type"] == "connection"
            assert await late.receive() == degraded
            assert (await api("GET", "/health")).json == {"status": "alive"}
            assert (await api("GET", "/ready")).json == {"status": "ready", "degraded": True}
            assert b"\ntocsin_broker_available 0.0\n" in (await api("GET", "/metrics")).body
            availability.changed(True, "")
            for client in (early, late):
                assert sorted(await client.receive()) == ["timestamp", "type"]
                assert (await client.ask(action="ping"))["type"] == "pong"
        assert (await api("GET", "/ready")).json == {"status": "ready"}
        async with live.client("after") as after:
            assert (await after.ask(action="ping"))["type"] == "pong", "nothing is told any more"


async def test_streams_are_told_as_well() -> None:
    """Those that are open, and those that open."""
    async with unsteady(settings_for()) as (live, _), streaming(live.port) as early:
        await early.until("subscribe")
        live.hub.across.availability.changed(False, AWAY)
        degraded = await early.until("degraded")
        async with streaming(live.port, kind="ndjson") as late:
            assert await late.until("degraded") == degraded
            live.hub.across.availability.changed(True, "")
            for stream in (early, late):
                assert sorted(await stream.until("restored")) == ["timestamp", "type"]


async def test_a_short_absence_is_nobodys_business() -> None:
    """Most are one lost connection. It is counted all the same."""
    async with unsteady(settings_for()) as (live, _), live.client() as client:
        availability = live.hub.across.availability
        availability.changed(False, AWAY)
        await asyncio.sleep(0)
        availability.changed(True, "")
        await asyncio.sleep(0.6)  # longer than the hub's patience: a notice would be there by now
        assert (await client.ask(action="ping"))["type"] == "pong"
        assert availability.seconds_away > 0


async def test_who_has_yet_to_authenticate_is_told_after_its_welcome() -> None:
    """Not before."""
    async with unsteady(with_keys()) as (live, _), live.client("slow") as client:
        assert client.welcome["status"] == "unauthenticated"
        live.hub.across.availability.changed(False, AWAY)
        await until(lambda: live.hub.across.availability.degraded)
        welcome = await client.ask(action="authenticate", token=token_for(live, "alice"))
        assert welcome["status"] == "connected"
        assert (await client.receive())["type"] == "degraded"
        live.hub.across.availability.changed(True, "")
        assert (await client.receive())["type"] == "restored"


async def test_a_gap_stands_between_what_came_before_and_after_it() -> None:
    """Also when all of it is still waiting for the same flush; and only those on the channel are told."""
    async with unsteady(settings_for()) as (live, broker), live.client("x") as client, live.client("y") as other:
        reply = await client.ask(action="subscribe", channel="system_alerts")
        await other.ask(action="subscribe", channel="ai_analysis")
        epoch = reply["epoch"]
        for number in range(3):
            await live.publish("system_alerts", "note", number)
        broker.lose("system_alerts", Position(epoch, 3), Position(epoch, 9))
        broker._streams["system_alerts"].offset = 9
        for number in range(3):
            await live.publish("system_alerts", "note", number)
        heard = [await client.receive() for _ in range(7)]
        assert [(m["type"], m["offset"]) for m in heard] == [
            *[("note", n) for n in (1, 2, 3)],
            ("gap", 9),
            *[("note", n) for n in (10, 11, 12)],
        ]
        assert {key: heard[3][key] for key in ("channel", "epoch")} == {"channel": "system_alerts", "epoch": epoch}
        assert sorted(heard[3]) == ["channel", "epoch", "offset", "timestamp", "type"]
        assert (await other.ask(action="ping"))["type"] == "pong"


async def test_a_gap_comes_after_what_an_interval_held_back() -> None:
    """A client that asked for an interval gets the newest first; after the gap it would look old."""
    options = {"pools": {"conflate": "key"}}
    async with unsteady(settings_for(channels__named=options)) as (live, broker), live.client("x") as client:
        reply = await client.ask(action="subscribe", channel="pools", interval_ms=60_000)
        for number in range(3):
            await live.publish("pools", "note", number, key="k")
        broker.lose("pools", Position(reply["epoch"], 3), Position(reply["epoch"], 9))
        heard = [await client.receive() for _ in range(3)]
        assert [(m["type"], m["offset"]) for m in heard] == [("note", 1), ("note", 3), ("gap", 9)]


async def test_what_is_spooled_is_accepted() -> None:
    """202 over HTTP for one publication, and without a position; in lists each says it for itself."""
    async with unsteady(settings_for()) as (live, broker), api_of(live) as api, live.client() as client:
        broker.away = True
        body = {"channel": "system_alerts", "type": "note", "data": 1}
        answer = await api("POST", "/api/publish", body)
        assert answer.status == 202
        assert answer.json == {"channel": "system_alerts", "subscribers": 0, "duplicate": False, "queued": True}
        several = await api("POST", "/api/publish/batch", {"publications": [body, body]})
        assert several.status == 200
        assert [result["queued"] for result in several.json["results"]] == [True, True]
        assert (await client.ask(action="ping"))["type"] == "pong"
        broker.away, broker.refuses = False, True
        refused = await api("POST", "/api/publish", body)
        assert (refused.status, refused.code, refused.json["error"]["temporary"]) == (503, "unavailable", True)


async def test_an_older_version_is_not_published() -> None:
    """Over HTTP and WebSocket; the answer says so, with the channel's top."""
    options = {"news": {"publish": "everyone"}}
    async with (
        unsteady(settings_for(channels__named=options)) as (live, _),
        api_of(live) as api,
        live.client() as client,
    ):
        await client.ask(action="subscribe", channel="news")
        first = await api.publish("news", version=5)
        assert "superseded" not in first
        assert (await client.receive())["offset"] == 1
        again = await api.publish("news", version=5)
        assert (again["superseded"], again["offset"]) == (True, 1)
        reply = await client.ask(action="publish", channel="news", type="note", data=1, version=4)
        assert reply["results"][0]["superseded"] is True
        for version in (0, 2**53, "6", 1.5):
            body = {"channel": "news", "type": "note", "data": 1, "version": version}
            assert (await api("POST", "/api/publish", body)).code == "invalid_command"


async def test_notifications_wait_for_the_broker() -> None:
    """What was accepted is published in order when it is back."""
    async with unsteady(settings_for()) as (live, broker), live.client() as client:
        await client.ask(action="subscribe", channel="system_alerts")
        broker.refuses = True
        for number in range(3):
            assert live.hub.inbox.put("system_alerts", "note", number)
        await until(lambda: live.hub.inbox.retries > 0)
        broker.refuses = False
        assert [(await client.receive())["data"] for _ in range(3)] == [0, 1, 2]

"""Settings in, a hub out: that the parts are joined, and its life."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from channels.memory import MemoryBroker
from channels.policy import Principal
from hub import wiring
from hub.auth import Grants, sign
from hub.notify import Inbox
from hub.options import Settings
from hub.wiring import Hub, build
from tests.kit import ManualClock, draft, eventually, rest
from tests.live import LiveHub, running, settings_for, until, with_keys
from tests.unit.hub.stage import RecordingHost


def names(tasks: set[asyncio.Task[Any]]) -> set[str]:
    return {task.get_name() for task in tasks}


@asynccontextmanager
async def started(settings: Settings, **parts: Any) -> AsyncIterator[Hub]:
    hub = build(settings, **{"inbox": Inbox(), **parts})
    await hub.start()
    try:
        yield hub
    finally:
        await hub.stop()


def token(hub: Hub, user: str, token_id: str, **options: Any) -> str:
    return sign(user, Grants(), options=hub.settings.auth, clock=hub.clock, token_id=token_id, **options)


def bearer(hub: Hub, user: str, token_id: str) -> dict[str, Any]:
    """Options of a client that shows a token in its upgrade request."""
    return {"headers": {"Authorization": f"Bearer {token(hub, user, token_id)}"}}


# Life.


async def test_a_hub_runs_between_start_and_stop() -> None:
    """Its tasks have names, and none is left."""
    before = asyncio.all_tasks()
    async with started(settings_for(system_stats__interval=30.0)) as hub:
        running_now = {"departures", "notifications", "sweep", "system stats", "host stats"}
        assert names(asyncio.all_tasks() - before) == running_now
        assert len(hub.tasks) == len(running_now)
        await rest()
    assert asyncio.all_tasks() == before
    assert hub.wheel._timer is not None
    assert hub.wheel._timer.cancelled()


async def test_its_own_numbers_can_be_turned_off() -> None:
    """Then nothing measures."""
    before = asyncio.all_tasks()
    async with started(settings_for(system_stats__interval=0.0)):
        assert names(asyncio.all_tasks() - before) == {"departures", "notifications", "sweep"}


async def test_building_starts_nothing() -> None:
    """Neither task nor timer, so that a hub may be built to be looked at."""
    before = asyncio.all_tasks()
    hub = build(settings_for(), inbox=Inbox())
    assert asyncio.all_tasks() == before
    assert hub.wheel._timer is None


async def test_what_was_accepted_is_published() -> None:
    """Before the start, while it runs, and until it stops; what comes after waits for the next hub."""
    inbox = Inbox()
    assert inbox.put("system_alerts", "early", 1)
    async with started(settings_for(), inbox=inbox) as hub:
        await until(lambda: inbox.outcomes["published"] == 1)
        assert inbox.put("system_alerts", "late", 2)
    assert inbox.outcomes == {"accepted": 2, "published": 2}
    history = await hub.engine.history("system_alerts", None, None, 10)
    assert [publication.type for publication in history.publications] == ["early", "late"]
    assert inbox.put("system_alerts", "afterwards", 3)
    await rest()
    assert len(inbox) == 1
    async with started(settings_for(), inbox=inbox):
        await until(lambda: inbox.outcomes["published"] == 3)


async def test_limits_reach_their_places() -> None:
    """Each option is where it counts."""
    inbox = Inbox()
    hub = build(
        settings_for(
            limits__notify_queue=7, limits__notify_queue_bytes=5000, limits__revocations=1, limits__channels=1,
            limits__connections=1,
        ),
        inbox=inbox,
    )  # fmt: skip
    assert (inbox.limit, inbox.limit_bytes) == (7, 5000)
    await hub.revocations.revoke_user("alice")
    with pytest.raises(Exception, match="limit of 1 revocations"):
        await hub.revocations.revoke_user("bob")
    await hub.engine.publish(draft("system_alerts"))
    with pytest.raises(Exception, match="limit of 1 channels"):
        await hub.engine.publish(draft("error_firewall"))


# Sweeping.


async def test_sweeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody needs any more goes by itself: revocations of tokens that have ended, streams that are empty."""
    monkeypatch.setattr(wiring, "SWEEP", 0.0)
    clock = ManualClock()
    async with started(with_keys(), clock=clock) as hub:
        await hub.revocations.revoke_token("t-1", clock.now() + 60)
        await hub.engine.publish(draft("system_alerts"))
        await rest()
        broker = hub.broker
        assert isinstance(broker, MemoryBroker)
        assert (len(hub.revocations), len(broker._streams)) == (1, 1)
        clock.advance(24 * 3600)
        await eventually(lambda: len(hub.revocations) == 0 and len(broker._streams) == 0)


# Revocations.


async def test_a_revoked_token_ends_its_connections() -> None:
    """Those that came with this token, and no others; with a code that says not to come back."""
    async with running(with_keys()) as live:
        hub = live.hub
        async with (
            live.client("a", **bearer(hub, "alice", "t-1")) as revoked,
            live.client("b", **bearer(hub, "alice", "t-2")) as kept,
            live.client("c") as stranger,
        ):
            await hub.revocations.revoke_token("t-1")
            assert await revoked.closed() == (4502, "the token was revoked")
            assert (await kept.ask(action="ping"))["type"] == "pong"
            assert (await stranger.ask(action="ping"))["type"] == "pong"


async def test_a_revoked_user_is_gone() -> None:
    """With all connections, whatever their tokens; other users stay."""
    async with running(with_keys()) as live:
        hub = live.hub
        async with (
            live.client("a", **bearer(hub, "alice", "t-1")) as first,
            live.client("b", **bearer(hub, "alice", "t-2")) as second,
            live.client("c", **bearer(hub, "bob", "t-3")) as bob,
        ):
            await hub.revocations.revoke_user("alice")
            assert (await first.closed())[0] == (await second.closed())[0] == 4502
            assert (await bob.ask(action="ping"))["type"] == "pong"


async def test_a_user_without_a_token_has_none_to_revoke() -> None:
    """Revoking is about tokens: an open hub's clients are not covered."""
    hub = build(settings_for(), inbox=Inbox())
    connection, _ = RecordingHost().connect("tab", "alice")
    connection.principal = Principal("alice")
    hub.connections.add(connection)
    await hub.revocations.revoke_user("alice")
    assert connection.is_open


# Letting go.


async def test_a_client_that_does_not_answer_the_close_is_cut() -> None:
    """After the close timeout the hub is free to end."""
    async with running(settings_for(websocket__close_timeout=0.1, server__drain=0.0)) as live:
        reader, writer = await asyncio.open_connection("127.0.0.1", live.port)
        writer.write(
            b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert b" 101 " in await reader.readline()
        await until(lambda: len(live.hub.connections) == 1)
        async with asyncio.timeout(5):
            await live.hub.drain()
            await until(lambda: len(live.hub.connections) == 0)
        assert live.hub.connections.closed == {1001: 1}
        writer.close()


async def test_draining_publishes_first() -> None:
    """What was accepted before reaches those who are connected; and nobody else comes in."""
    inbox = Inbox()
    async with running(settings_for(), inbox) as live, live.client() as client:
        await client.ask(action="subscribe", channel="system_alerts")
        assert inbox.put("system_alerts", "last", {"n": 1})
        draining = asyncio.create_task(live.hub.drain())
        assert (await client.receive())["type"] == "last"
        assert (await client.receive())["type"] == "reconnect"
        assert (await client.closed())[0] == 1001
        await draining
        assert live.hub.connections.draining


# Joints.


async def test_a_lost_connection_leaves_its_channels(hub: LiveHub) -> None:
    """The registry, the directory and the counts forget it."""
    async with hub.client() as client:
        await client.ask(action="subscribe", channel="system_alerts")
        assert hub.hub.engine.registry.counts() == {"system_alerts": 1}
    await until(lambda: len(hub.hub.connections) == 0)
    assert hub.hub.engine.registry.counts() == {}


async def test_a_connection_that_closes_gets_nothing_more(hub: LiveHub) -> None:
    """It leaves its channels with the close frame, not only with the end of its socket."""
    async with hub.client() as client:
        await client.ask(action="subscribe", channel="system_alerts")
        (connection,) = hub.hub.connections
        connection.close(4003, "enough")
        assert hub.hub.engine.registry.counts() == {}
        assert (await client.closed())[0] == 4003


async def test_the_expiry_of_a_token_that_came_late_is_watched() -> None:
    """`authenticate` has the connection's deadlines looked at anew: a token that ends soon is announced."""
    async with running(with_keys(auth__leeway=0.0)) as live, live.client("tab") as client:
        brief = token(live.hub, "alice", "t-1", lifetime=2.0)
        assert (await client.ask(action="authenticate", token=brief))["status"] == "connected"
        assert (await client.receive())["type"] == "token_expiring"


async def test_everything_is_measured(hub: LiveHub) -> None:
    """Requests, connections, refused commands, fan-out and the loop reach the metrics that `/metrics` shows."""
    async with hub.client() as client:
        await client.ask(action="subscribe", channel="system_alerts")
        await client.ask(action="oops")
        await hub.publish("system_alerts", "t", 1)
        await client.receive()
        exposed = hub.hub.metrics.expose().decode()
    for line in (
        "tocsin_connections 1.0",
        'tocsin_subscriptions{channel="system_alerts"} 1.0',
        'tocsin_command_errors_total{code="unknown_action"} 1.0',
        "tocsin_deliveries_total 1.0",
        "tocsin_publish_to_write_seconds_count 1.0",
    ):
        assert f"\n{line}\n" in exposed


async def test_the_hubs_own_numbers() -> None:
    """They come on `system_alerts` from the start, with what the hub knows of itself."""
    inbox = Inbox()
    async with running(settings_for(system_stats__interval=60.0, system_stats__host=False), inbox) as live:
        await until(lambda: inbox.outcomes["published"] == 1)
        history = await live.hub.engine.history("system_alerts", None, None, 10)
        (publication,) = history.publications
        numbers = json.loads(publication.data)
        assert (publication.type, numbers["active_connections"]) == ("system_stats", 0)
        live.hub.requests._statistics.count(500, 0.25)
        async with live.client():
            measured = live.hub.adapters.monitor.stats.measure()
    assert (measured.total_requests, measured.successful_requests, measured.failed_requests) == (1, 0, 1)
    assert (measured.active_connections, measured.avg_response_time) == (1, 250.0)


async def test_the_clock_is_the_callers() -> None:
    """All parts go by it: tokens end when it says so."""
    clock = ManualClock()
    hub = build(with_keys(), clock=clock, inbox=Inbox())
    text = token(hub, "alice", "t-1", lifetime=60)
    assert hub.authenticator.authenticate(text).user == "alice"
    clock.advance(120)
    with pytest.raises(Exception, match="expired"):
        hub.authenticator.authenticate(text)

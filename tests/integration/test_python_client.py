"""The Python client against a real hub: whatever happens to the link, its reader ends with the hub's own sequence."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.live import LiveHub, running, settings_for, until
from tests.proxy import proxied
from tests.unit.clients.python.doubles import FAST
from tocsin_client import START, Gap, HubError, Joined, Left, Message, Options, State, connect
from tocsin_client.subscription import Subscription

CHANNEL = "chat"
COUNT = 400


def chat(**options: Any) -> dict[str, Any]:
    """Make the options of one channel that everyone may publish to, with all its history."""
    return {CHANNEL: {"publish": "everyone", "history_size": 1000, **options}}


async def first(count: int, subscription: Subscription) -> list[Any]:
    """Read the data of so many messages."""
    data = []
    async for message in subscription:
        data.append(message.data)
        if len(data) == count:
            break
    return data


async def publish(live: LiveHub, numbers: range, pause: float = 0.0) -> None:
    """Publish numbers, one after the other."""
    for number in numbers:
        await live.publish(CHANNEL, "number", number)
        await asyncio.sleep(pause)


def subscribers(live: LiveHub) -> int:
    return live.hub.engine.registry.count(CHANNEL)


def cut(live: LiveHub) -> None:
    """Cut all connections."""
    for connection in live.hub.connections:
        connection.abort()


async def test_nothing_is_lost_or_repeated_in_twenty_cuts() -> None:
    """While publications keep coming; two subscriptions share one on the wire and both see everything."""
    async with (
        running(settings_for(channels__named=chat())) as live,
        proxied(live.port) as proxy,
        connect(proxy.url, options=FAST) as hub,
        hub.subscribe(CHANNEL) as one,
        hub.subscribe(CHANNEL) as other,
    ):
        assert subscribers(live) == 1

        async def cutting() -> None:
            for links in range(1, 21):
                await until(lambda links=links: proxy.links >= links and hub.state is State.CONNECTED)  # type: ignore[misc]
                await asyncio.sleep(0.005)
                proxy.cut()

        publishing = asyncio.create_task(publish(live, range(COUNT), 0.002))
        cuts = asyncio.create_task(cutting())
        seen = list(await asyncio.gather(first(COUNT, one), first(COUNT, other)))
        await asyncio.gather(publishing, cuts)
    assert seen == [list(range(COUNT))] * 2
    assert not one.gaps
    assert proxy.links > 20


async def test_links_break_at_any_byte() -> None:
    """In the handshake, between frames and inside them."""
    chance = random.Random(7)
    async with (
        running(settings_for(channels__named=chat())) as live,
        proxied(live.port, lambda: chance.randrange(1, 6000)) as proxy,
        connect(proxy.url, options=FAST) as hub,
    ):
        subscription = hub.subscribe(CHANNEL, since=START)
        publishing = asyncio.create_task(publish(live, range(COUNT), 0.001))
        assert await first(COUNT, subscription) == list(range(COUNT))
        await publishing
    assert proxy.links > 5
    assert not subscription.gaps


async def test_a_restart_of_a_hub_without_redis_is_a_gap() -> None:
    """Its streams are gone, which is said in its place; what the next hub publishes comes behind it."""
    async with AsyncExitStack() as stack:
        async with running(settings_for(channels__named=chat())) as live:
            hub = await stack.enter_async_context(connect(live.url, options=FAST))
            subscription = await stack.enter_async_context(hub.subscribe(CHANNEL))
            await publish(live, range(3))
            events = subscription.events()
            for number in range(3):
                event = await anext(events)
                assert isinstance(event, Message)
                assert event.data == number
            port = live.port
        async with running(settings_for(channels__named=chat(), server__port=port)) as live:
            await publish(live, range(10, 12))
            gap = await anext(events)
            assert isinstance(gap, Gap)
            assert gap.after is not None
            assert gap.after.offset == 3
            assert [getattr(await anext(events), "data", None) for _ in range(2)] == [10, 11]
            await events.aclose()
            await stack.aclose()


async def test_a_slow_reader_gets_everything_in_the_end(hub: LiveHub) -> None:
    """What doesn't fit into its queue is read from history; another subscription isn't held up."""
    options = Options(queue=10)
    async with (
        running(settings_for(channels__named=chat())) as live,
        connect(live.url, options=options) as client,
        client.subscribe(CHANNEL) as slow,
        client.subscribe("system_alerts") as brisk,
    ):
        for number in range(300):
            await live.publish(CHANNEL, "number", number)
            await live.publish("system_alerts", "number", number)
            assert await first(1, brisk) == [number]
        assert await first(300, slow) == list(range(300))
        assert not slow.gaps
        await publish(live, range(300, 303))
        assert await first(3, slow) == [300, 301, 302]


async def test_a_slow_reader_is_told_what_history_has_lost() -> None:
    """How many, and where."""
    async with (
        running(settings_for(channels__named=chat(history_size=20))) as live,
        connect(live.url, options=Options(queue=10)) as hub,
        hub.subscribe(CHANNEL) as slow,
    ):
        await publish(live, range(100))
        await until(lambda: slow._buffer.lagging)
        await hub.ping()
        events = slow.events()
        read = [await anext(events) for _ in range(31)]
        assert [event.data for event in read[:10] if isinstance(event, Message)] == list(range(10))
        assert isinstance(read[10], Gap)
        assert read[10].missing == 70
        assert [event.data for event in read[11:] if isinstance(event, Message)] == list(range(80, 100))


async def test_a_channel_without_history_counts_what_was_left_out() -> None:
    """There is nothing to recover from."""
    async with (
        running(settings_for(channels__named=chat(history_size=0))) as live,
        connect(live.url, options=Options(queue=10)) as hub,
        hub.subscribe(CHANNEL) as slow,
    ):
        await publish(live, range(25))
        await hub.ping()
        events = slow.events()
        read = [await anext(events) for _ in range(11)]
        assert isinstance(read[10], Gap)
        assert read[10].missing == 15


async def test_leaving_is_clean() -> None:
    """A loop that breaks unsubscribes; a cancelled one, too; the end of the client leaves no connection and no task."""
    async with running(settings_for(channels__named=chat())) as live:
        before = asyncio.all_tasks()
        async with connect(live.url) as hub:
            for ended in ("break", "cancel"):
                reading = asyncio.create_task(first(1, hub.subscribe(CHANNEL)))
                await until(lambda: subscribers(live) == 1)
                if ended == "break":
                    await publish(live, range(1))
                    await reading
                else:
                    reading.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await reading
                await until(lambda: subscribers(live) == 0)
            waiting = asyncio.create_task(first(1, hub.subscribe(CHANNEL)))
            await until(lambda: subscribers(live) == 1)
        assert await waiting == []
        assert hub.state is State.CLOSED
        await until(lambda: not live.hub.connections)
        await until(lambda: asyncio.all_tasks() <= before)


async def test_requests() -> None:
    """Publish, history, presence, statistics and ping."""
    async with running(settings_for(channels__named=chat())) as live, connect(live.url, client_id="alice") as hub:
        published = await hub.publish(CHANNEL, "note", {"n": 1}, idempotency_key="k")
        again = await hub.publish(CHANNEL, "note", {"n": 1}, idempotency_key="k")
        assert (again.position, again.duplicate) == (published.position, True)
        history = await hub.history(CHANNEL)
        assert [message.data for message in history.messages] == [{"n": 1}]
        assert history.top == published.position
        async with hub.subscribe(CHANNEL):
            assert (await hub.presence(CHANNEL, members=False)).clients == 1
            members = (await hub.presence(CHANNEL)).members
        assert members is not None
        assert [member.client_id for member in members] == ["alice"]
        assert (await hub.stats())["total_clients"] == 1
        assert await hub.ping() < 5
        with pytest.raises(HubError) as caught:
            await first(1, hub.subscribe("nowhere"))
        assert caught.value.code == "unknown_channel"
        assert CHANNEL in caught.value.details["available_channels"]
        assert CHANNEL in hub.channels


async def test_presence_notices() -> None:
    """Who comes and leaves, in their places between messages; only to a subscription that asked."""
    async with (
        running(settings_for(channels__named=chat())) as live,
        connect(live.url) as hub,
        hub.subscribe(CHANNEL) as plain,
        hub.subscribe(CHANNEL, presence=True) as curious,
    ):
        await hub.ping()  # the changed subscription is in force
        async with connect(live.url, client_id="bob") as other, other.subscribe(CHANNEL):
            await publish(live, range(1))
        events = curious.events()
        seen = [await anext(events) for _ in range(3)]
        assert [type(event) for event in seen] == [Joined, Message, Left]
        assert isinstance(seen[0], Joined)
        assert seen[0].member.client_id == "bob"
        assert await first(1, plain) == [0]


async def test_a_dead_link_is_found_in_two_intervals() -> None:
    """Nothing comes and nothing goes, as when the other side has lost power."""
    options = Options(heartbeat=0.3, backoff_first=0.01, backoff_longest=0.05, close_timeout=0.1)
    async with (
        running(settings_for(channels__named=chat())) as live,
        proxied(live.port) as proxy,
        connect(proxy.url, options=options) as hub,
    ):
        states = hub.states()
        assert await anext(states) is State.CONNECTED
        began = time.monotonic()
        proxy.hold()
        assert await anext(states) is State.RECONNECTING
        assert time.monotonic() - began < 2 * 0.3 + 0.5
        proxy.pass_on()
        assert await anext(states) is State.CONNECTED
        await states.aclose()

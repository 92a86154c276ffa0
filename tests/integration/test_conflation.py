"""Channels where only the newest value counts: slow clients, and clients that want less, on real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.model import Published
from hub.connection import Connection
from tests.conformance.raw import PING, RawClient, dialled, request, text
from tests.live import Client, LiveHub, running, settings_for, until

CHANNEL = "prices"

KEYS = [f"k{number}" for number in range(10)]

SIZE = 16 * 1024

QUEUE = 512 * 1024
"""Unread bytes that the hub keeps for a client: more than the newest of all keys take."""


def prices(**options: Any) -> dict[str, Any]:
    """Make the options of one conflated channel."""
    return {CHANNEL: {"conflate": "key", "publish": "everyone", **options}}


def subscribe(**fields: Any) -> dict[str, Any]:
    """Make the command that subscribes to it."""
    return {"action": "subscribe", "channel": CHANNEL, **fields}


@asynccontextmanager
async def stuck(live: LiveHub, command: dict[str, Any]) -> AsyncIterator[tuple[RawClient, Connection]]:
    """Connect, send a command, and stop reading; also give the hub's side of it."""
    async with dialled(live.port) as client:
        client.send(request(path="/ws?client_id=stuck"), text(json.dumps(command)))
        await client.response()
        await client.receive()
        assert json.loads((await client.receive()).payload)["status"] == "success"
        client.writer.transport.pause_reading()  # type: ignore[attr-defined] # a stream's transport reads, too
        yield client, live.hub.connections.of_client("stuck")[0]


async def publish(live: LiveHub, number: int, size: int = SIZE) -> Published:
    """Publish the next value of the next key, and have it written."""
    done = await live.publish(CHANNEL, "t", {"number": number, "text": "x" * size}, key=KEYS[number % len(KEYS)])
    live.hub.fanout.flush()
    return done


async def read_on(client: RawClient, newest: int) -> list[dict[str, Any]]:
    """Read again, up to the publication with this offset."""
    client.writer.transport.resume_reading()  # type: ignore[attr-defined] # as above
    got: list[dict[str, Any]] = []
    while not got or got[-1].get("offset") != newest:
        frame = await client.receive()
        if frame.opcode != PING:
            got.append(json.loads(frame.payload))
    return got


async def test_a_slow_client_gets_the_newest_of_each_key() -> None:
    """A client that stops reading is not closed, however much is published. When it reads on, it gets what the kernel
    held, then the newest of each key and nothing older, and from then on every publication again."""
    settings = settings_for(channels__named=prices(), limits__queued_bytes=QUEUE)
    async with running(settings) as live, live.client("quick") as quick, stuck(live, subscribe()) as (client, outbox):
        await quick.ask(**subscribe())
        count = 0
        while not outbox.is_slow:
            assert count < 2000, "32 MB fit into the kernel"
            await publish(live, count)
            count += 1
            assert (await quick.receive())["offset"] == count
        held = count
        for _ in range(500):
            await publish(live, count)
            count += 1
            assert (await quick.receive())["offset"] == count
            assert outbox.queued_bytes < QUEUE / 2
        assert outbox.is_open

        offsets = [message["offset"] for message in await read_on(client, count)]
        prefix = offsets[: -len(KEYS)]
        assert prefix == list(range(1, len(prefix) + 1))
        assert len(prefix) == held
        assert offsets[-len(KEYS) :] == list(range(count - len(KEYS) + 1, count + 1))

        await until(lambda: not outbox.is_slow)
        for number in range(count, count + 20):
            await publish(live, number, 10)
        after = [message["offset"] for message in await read_on(client, count + 20)]
        assert after == list(range(count + 1, count + 21))
        assert live.hub.connections.closed == {}


async def test_replies_are_not_overtaken_by_newer_values() -> None:
    """A reply to a slow client keeps its place: values of before come before it, later ones after it; each key's values
    come in the order of their offsets."""
    settings = settings_for(channels__named=prices(), limits__queued_bytes=QUEUE)
    async with running(settings) as live, stuck(live, subscribe()) as (client, outbox):
        count = 0
        while not outbox.is_slow:
            assert count < 2000, "32 MB fit into the kernel"
            await publish(live, count)
            count += 1
        for _ in range(2):
            for _ in range(50):
                await publish(live, count, 100)
                count += 1
            client.send(text(json.dumps({"action": "ping", "data": count})))
            waiting = outbox.queued_bytes
            await until(lambda before=waiting: outbox.queued_bytes > before)  # type: ignore[misc] # bound on purpose
        await publish(live, count, 100)
        count += 1
        got = await read_on(client, count)
        offsets: list[int] = [message["offset"] if "offset" in message else message["data"] for message in got]
        assert offsets == sorted(offsets)
        assert [message["type"] for message in got[-23:]] == [*["t"] * 10, "pong", *["t"] * 10, "pong", "t"]


async def test_a_slow_client_of_a_plain_channel_is_closed() -> None:
    """Publications without a key replace nothing: they wait, and over the limit the client is closed with 4002."""
    settings = settings_for(channels__named=prices(), limits__queued_bytes=QUEUE)
    async with running(settings) as live, stuck(live, subscribe()) as (_, outbox):
        for _ in range(2000):
            if not outbox.is_open:
                break
            await live.publish(CHANNEL, "t", "x" * SIZE)
            live.hub.fanout.flush()
        assert outbox.close_code == 4002


async def test_an_interval_thins_a_channel_out() -> None:
    """With `interval_ms` a client gets at most one publication per key in that time, and the newest of each at the end;
    a client without it gets all of them."""
    interval = 0.1
    loop = asyncio.get_running_loop()
    async with (
        running(settings_for(channels__named=prices())) as live,
        live.client("calm") as calm,
        live.client("eager") as eager,
    ):
        await calm.ask(**subscribe(interval_ms=int(interval * 1000)))
        await eager.ask(**subscribe())
        began = loop.time()
        count = 0
        while loop.time() < began + 6 * interval:
            for _ in KEYS[:3]:
                await live.publish(CHANNEL, "t", count, key=KEYS[count % 3])
                count += 1
            assert [(await eager.receive())["data"] for _ in range(3)] == [count - 3, count - 2, count - 1]
        newest = {KEYS[number % 3]: number for number in range(count - 3, count)}
        values: dict[str, list[int]] = {key: [] for key in newest}
        times: dict[str, list[float]] = {key: [] for key in newest}
        while {key: got[-1:] for key, got in values.items()} != {key: [number] for key, number in newest.items()}:
            message = await calm.receive()
            values[message["key"]].append(message["data"])
            times[message["key"]].append(loop.time())
        assert count > 100
        for key, got in values.items():
            assert got == sorted(set(got))
            assert 3 <= len(got) <= (times[key][-1] - began) / interval + 1
        assert (await calm.ask(action="ping"))["type"] == "pong"


async def test_an_interval_ends_with_a_plain_subscribe() -> None:
    """Subscribing again without an interval brings what waited, first, and then everything at once; subscribing with
    one thins out again."""
    async with running(settings_for(channels__named=prices())) as live, live.client() as client:
        await client.ask(**subscribe(interval_ms=60_000))
        for number in range(3):
            await live.publish(CHANNEL, "t", number, key="k")
        assert (await client.receive())["data"] == 0
        assert (await client.ask(**subscribe()))["status"] == "success"
        for number in range(3, 5):
            await live.publish(CHANNEL, "t", number, key="k")
        assert [(await client.receive())["data"] for _ in range(3)] == [2, 3, 4]
        assert await _stays_silent_after_leaving(live, client)


async def _stays_silent_after_leaving(live: LiveHub, client: Client) -> bool:
    """What waits for its interval is dropped with the subscription."""
    await client.ask(**subscribe(interval_ms=50))
    for number in range(3):
        await live.publish(CHANNEL, "t", number, key="k")
    assert (await client.receive())["data"] == 0
    assert (await client.ask(action="unsubscribe", channel=CHANNEL))["status"] == "success"
    await asyncio.sleep(0.06)  # the interval is over, and nothing is to come
    return bool((await client.ask(action="ping"))["type"] == "pong")


async def test_an_interval_needs_a_conflated_channel() -> None:
    """An interval on another channel, or one shorter than 50 ms, is refused; the client is not subscribed then."""
    async with running(settings_for(channels__named=prices())) as live, live.client() as client:
        for command in (
            {"channel": "system_alerts", "interval_ms": 100},
            {"channel": CHANNEL, "interval_ms": 49},
            {"channel": CHANNEL, "interval_ms": 60_001},
            {"channel": CHANNEL, "interval_ms": "100"},
        ):
            error = await client.ask(action="subscribe", **command)
            assert error["code"] == "invalid_command"
            assert "interval_ms" in error["message"]
        assert live.hub.manager.get_stats()["channel_stats"] == {}


async def test_a_type_or_a_pointer_makes_the_key() -> None:
    """The key comes from the publisher, from the type, or from a place in the data, and stands in the publication."""
    named = {"by_type": {"conflate": "type"}, "by_pointer": {"conflate": "/user/id"}}
    async with running(settings_for(channels__named=named)) as live, live.client() as client:
        for channel in named:
            for number in range(4):
                await live.publish(channel, f"t{number % 2}", {"user": {"id": number % 2}, "number": number})
        for channel, keys in (("by_type", ["t0", "t1"]), ("by_pointer", ["0", "1"])):
            reply = await client.ask(action="subscribe", channel=channel, since={"offset": 0})
            assert reply["replayed"] == 2
            got = [await client.receive() for _ in range(2)]
            assert [(message["key"], message["data"]["number"]) for message in got] == list(
                zip(keys, (2, 3), strict=True)
            )

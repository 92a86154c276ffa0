"""Clients that lose their link and come back with `since`: what they have seen is what an uninterrupted client saw."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import aiohttp

from channels.model import Channels
from hub.wiring import Hub
from tests.live import Client, LiveHub, running, settings_for, until
from tests.proxy import proxied

CHANNEL = "chat"

COUNT = 500

FLUCTUATING = 4
"""Clients whose link is cut again and again."""

START = {"offset": 0}


def chat(**options: Any) -> dict[str, Any]:
    """Make the options of one channel that everyone may publish to."""
    return {CHANNEL: {"publish": "everyone", "history_size": 1000, **options}}


def position(message: dict[str, Any]) -> dict[str, Any]:
    """Return where a message stands."""
    return {"epoch": message["epoch"], "offset": message["offset"]}


class Follower:
    """A client that subscribes with `since`, and again whenever its link is cut."""

    def __init__(self, name: str, port: int, compress: int) -> None:
        self.seen: list[dict[str, Any]] = []
        self.since: dict[str, Any] = START
        self.links = 0
        self._url = f"http://127.0.0.1:{port}/ws?client_id={name}"
        self._compress = compress

    async def run(self) -> None:
        """Follow the channel until all publications were seen."""
        async with aiohttp.ClientSession() as session:
            while len(self.seen) < COUNT:
                self.links += 1
                try:
                    async with session.ws_connect(self._url, compress=self._compress) as socket:
                        await self._follow(socket)
                except (aiohttp.ClientError, OSError):
                    continue

    async def _follow(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        await socket.send_json({"action": "subscribe", "channel": CHANNEL, "since": self.since})
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            self._take(json.loads(message.data))
            if len(self.seen) == COUNT:
                return

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            assert message["recovered"] is True, message
        elif "data" in message:
            self.seen.append(message)
            self.since = position(message)


async def test_no_gap_and_no_repetition_across_cuts() -> None:
    """Clients whose links are cut at random bytes, also within frames and handshakes, see exactly the sequence that an
    uninterrupted client sees, while publications keep coming."""
    choose = random.Random(20261121)
    settings = settings_for(channels__named=chat())
    async with (
        running(settings) as live,
        proxied(live.port, lambda: choose.randrange(20, 9000)) as proxy,
        live.client("steady") as steady,
    ):
        await steady.ask(action="subscribe", channel=CHANNEL)
        followers = [Follower(f"f{number}", proxy.port, (0, 15)[number % 2]) for number in range(FLUCTUATING)]
        running_followers = [asyncio.create_task(follower.run()) for follower in followers]
        seen: list[dict[str, Any]] = []
        while len(seen) < COUNT:
            group = min(choose.randrange(1, 6), COUNT - len(seen))
            for number in range(group):
                await live.publish(CHANNEL, "t", {"number": len(seen) + number, "text": "x" * choose.randrange(400)})
            seen += [await steady.receive() for _ in range(group)]
        async with asyncio.timeout(20):
            await asyncio.gather(*running_followers)
        assert [message["data"]["number"] for message in seen] == list(range(COUNT))
        assert [message["offset"] for message in seen] == list(range(1, COUNT + 1))
        for follower in followers:
            assert follower.seen == seen
            assert follower.links > 5
        await until(lambda: len(live.hub.connections) == 1)
        assert live.hub.manager.get_stats()["channel_stats"] == {CHANNEL: 1}


async def test_cuts_by_the_client_itself() -> None:
    """A client that ends its own connection after any number of publications, by reset or by close, sees all of them
    over its connections together."""
    choose = random.Random(7)
    async with running(settings_for(channels__named=chat())) as live:
        publishing = asyncio.create_task(_publish(live, 200, choose))
        seen: list[int] = []
        since: dict[str, Any] = START
        while len(seen) < 200:
            async with live.client("jumpy") as client:
                reply = await client.ask(action="subscribe", channel=CHANNEL, since=since)
                assert reply["recovered"] is True
                for _ in range(min(choose.randrange(1, 40), 200 - len(seen))):
                    message = await client.receive()
                    seen.append(message["data"])
                    since = position(message)
        await publishing
        assert seen == list(range(200))


async def _publish(live: LiveHub, count: int, choose: random.Random) -> None:
    for number in range(count):
        await live.publish(CHANNEL, "t", number)
        for _ in range(choose.randrange(5)):
            await asyncio.sleep(0)


async def _fill(live: LiveHub, count: int) -> None:
    for number in range(1, count + 1):
        await live.publish(CHANNEL, "t", number)


async def _data(client: Client, count: int) -> list[Any]:
    return [(await client.receive())["data"] for _ in range(count)]


async def test_the_reply_says_what_follows() -> None:
    """With a known position the reply says `recovered: true`, how many follow, and the top; then they come in order,
    before anything newer."""
    async with running(settings_for(channels__named=chat())) as live, live.client() as client:
        await _fill(live, 10)
        top = position(await client.ask(action="history", channel=CHANNEL, limit=0))
        reply = await client.ask(action="subscribe", channel=CHANNEL, since={**top, "offset": 7})
        assert (reply["recovered"], reply["replayed"], position(reply)) == (True, 3, top)
        await live.publish(CHANNEL, "t", 11)
        assert await _data(client, 4) == [8, 9, 10, 11]
        await client.ask(action="unsubscribe", channel=CHANNEL)
        reply = await client.ask(action="subscribe", channel=CHANNEL, since={**top, "offset": 11})
        assert (reply["recovered"], reply["replayed"]) == (True, 0)


async def test_another_epoch_is_not_recovered() -> None:
    """After the hub has started anew a position of before is answered with `recovered: false`, and what history holds
    is replayed."""
    async with running(settings_for(channels__named=chat())) as live, live.client() as client:
        await _fill(live, 3)
        before = position(await client.ask(action="history", channel=CHANNEL, limit=0))
    async with running(settings_for(channels__named=chat())) as live, live.client() as client:
        await _fill(live, 5)
        reply = await client.ask(action="subscribe", channel=CHANNEL, since=before)
        assert (reply["recovered"], reply["replayed"]) == (False, 5)
        assert reply["epoch"] != before["epoch"]
        assert await _data(client, 5) == [1, 2, 3, 4, 5]


async def test_a_position_that_never_was_is_not_recovered() -> None:
    """An offset beyond the top is no position of this epoch."""
    async with running(settings_for(channels__named=chat())) as live, live.client() as client:
        await _fill(live, 2)
        top = position(await client.ask(action="history", channel=CHANNEL, limit=0))
        reply = await client.ask(action="subscribe", channel=CHANNEL, since={**top, "offset": 3})
        assert (reply["recovered"], reply["replayed"]) == (False, 2)


async def test_trimmed_history_is_not_recovered() -> None:
    """When history no longer reaches back to the position the reply says so; exactly at the edge it still recovers."""
    async with running(settings_for(channels__named=chat(history_size=4))) as live, live.client() as client:
        await _fill(live, 10)
        top = position(await client.ask(action="history", channel=CHANNEL, limit=0))
        for offset, recovered in ((6, True), (5, False), (0, False)):
            reply = await client.ask(action="subscribe", channel=CHANNEL, since={**top, "offset": offset})
            assert (reply["recovered"], reply["replayed"]) == (recovered, 4)
            assert await _data(client, 4) == [7, 8, 9, 10]
            await client.ask(action="unsubscribe", channel=CHANNEL)


async def test_without_recovery_nothing_is_replayed() -> None:
    """`since` on a channel that doesn't recover, or that keeps no history, gets `recovered: false` and nothing else."""
    named = {"plain": {"recover": False}, "bare": {"history_size": 0}}
    async with running(settings_for(channels__named=named)) as live, live.client() as client:
        for channel in named:
            await live.publish(channel, "t", 1)
            reply = await client.ask(action="subscribe", channel=channel, since=START)
            assert (reply["recovered"], reply["replayed"]) == (False, 0)
            assert ("offset" in reply) == (channel == "plain")
            await live.publish(channel, "t", 2)
            assert ("offset" in (await client.receive())) == (channel == "plain")


async def test_a_conflated_channel_replays_the_newest_of_each_key() -> None:
    """Of what was missed only the newest publication of each key is replayed, in the order of their offsets."""
    async with running(settings_for(channels__named=chat(conflate="key"))) as live, live.client() as client:
        for number in range(1, 13):
            await live.publish(CHANNEL, "t", number, key="abc"[number % 3])
        await live.publish(CHANNEL, "t", 13)
        reply = await client.ask(action="subscribe", channel=CHANNEL, since=START)
        assert (reply["recovered"], reply["replayed"], reply["offset"]) == (True, 4, 13)
        replayed = [await client.receive() for _ in range(4)]
        assert [(message.get("key"), message["offset"]) for message in replayed] == [
            ("b", 10), ("c", 11), ("a", 12), (None, 13)
        ]  # fmt: skip


async def test_what_is_withheld_leaves_its_position() -> None:
    """Whoever is left out of a publication, by `echo: false` or by `except`, gets its position in place of it, live and
    on recovery: its offsets have no gap, and it recovers from there."""
    async with (
        running(settings_for(channels__named=chat())) as live,
        live.client("alice") as alice,
        live.client("bob") as bob,
        aiohttp.ClientSession(live.url) as session,
    ):
        for client in (alice, bob):
            await client.ask(action="subscribe", channel=CHANNEL)
        await alice.send({"action": "publish", "channel": CHANNEL, "type": "t", "data": 1, "echo": False, "id": 1})
        withheld, reply = sorted([await alice.receive(), await alice.receive()], key=lambda message: "id" in message)
        assert reply["id"] == 1
        assert withheld == {"type": "position", "channel": CHANNEL, **position(reply["results"][0])}
        body = {"channel": CHANNEL, "type": "t", "data": 2, "except": "bob"}
        async with session.post("/api/publish", json=body) as answer:
            assert answer.status == 200
        assert (await alice.receive())["data"] == 2
        assert [(await bob.receive()).get("data") for _ in range(2)] == [1, None]

        for client, expected in ((alice, [None, 2]), (bob, [1, None])):
            await client.ask(action="unsubscribe", channel=CHANNEL)
            back = await client.ask(action="subscribe", channel=CHANNEL, since={**position(withheld), "offset": 0})
            assert (back["recovered"], back["replayed"]) == (True, 2)
            replayed = [await client.receive() for _ in range(2)]
            assert [message.get("data") for message in replayed] == expected
            assert [message["offset"] for message in replayed] == [1, 2]


async def test_subscribing_while_publications_pour_in() -> None:
    """Subscribing with `since` in the middle of a flood leaves no gap and repeats nothing, on several channels at
    once."""
    channels = Channels.all()[:3]
    async with running(settings_for(channels__defaults={"history_size": 5000})) as live:
        done = asyncio.Event()
        flood = asyncio.create_task(_flood(live.hub, channels, done))
        for number in range(5):
            async with live.client(f"c{number}") as client:
                for channel in channels:
                    await client.send({"action": "subscribe", "channel": channel, "since": START})
                offsets: dict[str, int] = dict.fromkeys(channels, 0)
                while min(offsets.values()) < 60 * (number + 1):
                    message = await client.receive()
                    if "data" in message:
                        offsets[message["channel"]] += 1
                        assert message["offset"] == offsets[message["channel"]]
        done.set()
        await flood


async def _flood(hub: Hub, channels: list[str], done: asyncio.Event) -> None:
    for number in range(5000):
        if done.is_set():
            return
        for channel in channels:
            assert await hub.inbox.put(channel, "t", number)
        await asyncio.sleep(0)

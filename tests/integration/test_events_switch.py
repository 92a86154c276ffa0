"""A client that changes its transport in mid-stream takes its positions along: nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.integration.event_stream import Event, Kind, streaming
from tests.live import LiveHub, running, settings_for, until
from tests.proxy import proxied

CHANNELS = ("system_alerts", "ai_analysis", "room:ops")


@asynccontextmanager
async def publishing(hub: LiveHub) -> AsyncIterator[list[tuple[str, int]]]:
    """Publish on all channels without pause, as long as the block runs; yields what was published."""
    published: list[tuple[str, int]] = []

    async def publish() -> None:
        while True:
            for channel in CHANNELS:
                await hub.publish(channel, "event", len(published))
                published.append((channel, len(published)))
            await asyncio.sleep(0.001)

    task = asyncio.create_task(publish(), name="publisher")
    try:
        yield published
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Follower:
    """A client: positions, and what it got, whatever the transport."""

    def __init__(self, hub: LiveHub) -> None:
        self.hub = hub
        self.positions: dict[str, dict[str, Any]] = {}
        self.got: list[tuple[str, int]] = []
        self.gaps = 0

    def take(self, message: dict[str, Any]) -> None:
        if "channel" in message and "data" in message:
            self.got.append((message["channel"], message["data"]))
        elif message["type"] == "subscribe":
            self.gaps += message.get("recovered") is False
            if message.get("replayed"):
                return
        if "offset" in message:
            self.positions[message["channel"]] = {"epoch": message["epoch"], "offset": message["offset"]}

    @property
    def since(self) -> dict[str, str]:
        sets = [f"{channel}:{at['epoch']}:{at['offset']}" for channel, at in self.positions.items()]
        return {"since": ",".join(sets)} if sets else {}

    async def by_websocket(self, count: int) -> None:
        """Follow until `count` more publications came; what comes in the meantime is lost with the connection."""
        goal = len(self.got) + count
        async with self.hub.client("follower") as client:
            for channel in CHANNELS:
                since = {"since": self.positions[channel]} if channel in self.positions else {}
                await client.send({"action": "subscribe", "channel": channel, **since})
            while len(self.got) < goal:
                self.take(await client.receive())

    async def by_stream(self, kind: Kind, count: int) -> None:
        goal = len(self.got) + count
        async with streaming(self.hub.port, ",".join(CHANNELS), kind, client_id="follower", query=self.since) as stream:
            assert stream.status == 200
            while len(self.got) < goal:
                self.take(await stream.message())


async def test_websocket_sse_ndjson_websocket() -> None:
    """With publications on three channels all the time."""
    options: dict[str, Any] = {"channels__rooms": {"ops": {"members": ["follower"]}}}
    options["channels__defaults__history_size"] = 100_000
    async with running(settings_for(**options)) as hub:
        follower = Follower(hub)
        async with publishing(hub) as published:
            await follower.by_websocket(50)
            first = follower.got[0]
            await follower.by_stream("sse", 200)
            await follower.by_stream("ndjson", 200)
            await follower.by_websocket(200)
            await follower.by_stream("ndjson", 200)
            await follower.by_stream("sse", 200)
        assert follower.gaps == 0
        for channel in CHANNELS:
            mine = [item for item in follower.got if item[0] == channel]
            sent = [item for item in published if item[0] == channel]
            begin = sent.index(mine[0])
            assert mine == sent[begin : begin + len(mine)]
        assert first in published


@pytest.mark.parametrize("seed", range(3))
async def test_an_id_is_right_at_every_byte(seed: int) -> None:
    """A browser comes back by its last id alone. Links are cut after arbitrary numbers of bytes, in the opening as well
    as later, with other streams on the same channels that share its encoding: still each publication comes once."""
    choose = random.Random(seed)
    options: dict[str, Any] = {
        "channels__rooms": {"ops": {"members": ["follower", "other"]}},
        "channels__defaults__history_size": 100_000,
    }
    channels = ",".join(CHANNELS)
    events: list[Event] = []
    last_id = ""
    async with (
        running(settings_for(**options)) as hub,
        streaming(hub.port, channels, client_id="other") as other,
        proxied(hub.port, lambda: choose.randrange(300, 6000)) as proxy,
    ):
        await other.message()
        for channel in CHANNELS:
            await hub.publish(channel, "event", -1)
        last_id = (await _first_ids(hub)) or ""
        async with publishing(hub) as published:
            while len(events) < 300:
                headers = {"Last-Event-ID": last_id}
                async with streaming(proxy.port, channels, client_id="follower", headers=headers) as stream:
                    try:
                        while True:
                            event = await stream.event()
                            if "data" in event.message:
                                events.append(event)
                            assert event.message.get("recovered") is not False
                    except (EOFError, ConnectionError):
                        last_id = stream.parser.last_id or last_id
        assert proxy.links > 5
        for channel in CHANNELS:
            mine = [event.message["data"] for event in events if event.message["channel"] == channel]
            sent = [number for name, number in published if name == channel]
            assert mine == sent[: len(mine)]


async def _first_ids(hub: LiveHub) -> str:
    """Where all channels are now."""
    tops = [(channel, (await hub.hub.engine.history(channel, None, None, 0)).top) for channel in CHANNELS]
    return ",".join(f"{channel}:{top.epoch}:{top.offset}" for channel, top in tops)


async def test_streams_on_the_same_channels_share_their_bytes(hub: LiveHub) -> None:
    """Once settled: one event is encoded once, however many listen."""
    async with (
        streaming(hub.port, "system_alerts,ai_analysis") as one,
        streaming(hub.port, "system_alerts,ai_analysis") as two,
        streaming(hub.port, "ai_analysis") as three,
        streaming(hub.port, "system_alerts", "ndjson") as four,
        streaming(hub.port, "ai_analysis", "ndjson") as five,
    ):
        for stream in (one, two, three, four, five):
            await stream.until("subscribe")
        await until(lambda: len(hub.hub.connections) == 5)
        encodings = [connection.encoding for connection in hub.hub.connections]
        assert encodings[0] is encodings[1]
        assert encodings[3] is encodings[4]
        assert len(set(encodings)) == 3
        await hub.publish("ai_analysis", "report", 1)
        ids = []
        for stream in (one, two, three):
            assert await stream.publications(1) == [1]
            ids.append(stream.parser.last_id)
        assert ids[0] == ids[1]
        assert ids[0].endswith(ids[2])

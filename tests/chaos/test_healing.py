"""What was lost on the way is read from history, and counted: two brokers over a real Valkey, in this process."""

from __future__ import annotations

import asyncio
from random import Random

from redis.asyncio import Redis as Client

from channels.clock import SystemClock
from channels.model import Draft, Gap, Publication
from channels.policy import ChannelOptions
from channels.redis.backbone import Backbone
from channels.redis.broker import BrokerOptions, RedisBroker
from channels.redis.config import Redis
from tests.live import until
from tests.redis_server import redis_server

OPTIONS = ChannelOptions(history_size=10_000)
COUNT = 600


async def test_a_killed_reader_heals() -> None:
    """Valkey drops the reader again and again while publications come: each is heard once, in order; some were read."""
    heard: list[int] = []
    gaps: list[Gap] = []

    def hear(publication: Publication) -> int:
        heard.append(int(publication.data))
        return 1

    async with redis_server() as server, asyncio.TaskGroup() as group:
        brokers, tasks = [], []
        for node in ("here", "there"):
            backbone = Backbone(Redis((server.address,)), Random(node))
            brokers.append(RedisBroker(backbone, BrokerOptions(), SystemClock(), node))
            tasks.append(group.create_task(backbone.run(), name=node))
        here, there = brokers
        here.listen(hear, gaps.append)
        await here.follow(["a"])
        killed = 0
        async with Client(host="127.0.0.1", port=server.port) as client:
            for number in range(COUNT):
                if number % 100 == 50:
                    killed += await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # type: ignore[no-untyped-call]
                draft = Draft("a", "event", b"%d" % number, "2026-11-21T10:15:00.000000Z")
                await there.publish(draft, OPTIONS)
        await until(lambda: len(heard) >= COUNT)
        assert killed > 1
        assert heard == list(range(COUNT))
        assert gaps == []
        assert here.feeds.healed > 0
        for task in tasks:
            task.cancel()

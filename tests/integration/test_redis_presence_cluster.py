"""Presence, members, claims, notices, nodes, and queues and limits of agents on a cluster: what belongs together is in
one slot."""

from __future__ import annotations

import time
from uuid import uuid4

from agents.redis.limiter import RedisLimiter
from agents.redis.queue import RedisQueue
from channels.model import Member, PresenceState
from tests.redis_cluster import redis_cluster
from tests.redis_ports import Ports, redis_ports
from tests.redis_process import soon

CHANNELS = [f"room:{number}" for number in range(20)]


async def use_queues_and_limits(here: Ports, there: Ports) -> None:
    """Of many agents and users, so that every master has some; their scripts are loaded where they are needed."""
    for agent in (uuid4() for _ in CHANNELS):
        queues = [RedisQueue(process.backbone, 2, 1) for process in (here, there)]
        tasks = [uuid4(), uuid4()]
        for queue, task in zip(queues, tasks, strict=True):
            await queue.offer(agent, task)
        assert [await queue.take(agent, "n", 60.0) for queue in queues] == [tasks[0], None]
        assert await queues[1].renew(agent, [tasks[0]], "n", 60.0) == {tasks[0]}
        await queues[1].finish(agent, tasks[0])
        assert await queues[0].withdraw(agent, tasks[1])
        assert (await queues[0].waiting(agent), await queues[1].active(agent)) == (0, 0)
        await queues[0].forget(agent)
        limits = [RedisLimiter(process.backbone, 2, 60.0, lambda: 0.0, 10.0) for process in (here, there)]
        assert [(await limit.take(f"user:{agent}")).remaining for limit in limits] == [1, 0]
        assert not (await limits[0].take(f"user:{agent}")).allowed


async def test_everything_works_on_a_cluster() -> None:
    """Over all its masters, with processes that live and one that dies."""
    async with (
        redis_cluster() as cluster,
        redis_ports(cluster.masters[0].address, "here", mode="cluster") as here,
        redis_ports(cluster.masters[1].address, "there", mode="cluster") as there,
    ):
        await soon(lambda: here.backbone.available and there.backbone.available)
        for channel in CHANNELS:
            here.presence.watch(channel, True)
            await here.presence.state(channel, False)
            for process in (here, there):
                await process.presence.join(channel, Member("tab", process.node, process.node, "then"))
            assert await here.presence.state(channel, False) == PresenceState(2, 2)
            await here.membership.add(channel, "alice")
            assert await there.membership.contains(channel, "alice")
        await soon(lambda: len(here.heard) >= 2 * len(CHANNELS))
        assert await here.claims.claim("a", 60.0)
        assert not await there.claims.claim("a", 60.0)
        await there.noticeboard.post("notice", time.time() + 100.0)
        await soon(lambda: len(here.noticed) == 1)
        assert set(await here.nodes.reports()) == {"here", "there"}
        assert await here.nodes.tell("kick", {}) == 1
        await use_queues_and_limits(here, there)
        here.heard.clear()
        await there.die()
        await soon(lambda: len(here.heard) >= len(CHANNELS))
        assert sorted(here.heard) == sorted(("leave", channel, "there") for channel in CHANNELS)
        assert set(await here.nodes.reports()) == {"here"}
        assert here.presence.lost == 0

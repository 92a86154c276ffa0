"""Presence, members, claims, notices and nodes on a cluster: what belongs together is in one slot."""

from __future__ import annotations

import time

from channels.model import Member, PresenceState
from tests.redis_cluster import redis_cluster
from tests.redis_ports import redis_ports
from tests.redis_process import soon

CHANNELS = [f"room:{number}" for number in range(20)]


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
        here.heard.clear()
        await there.die()
        await soon(lambda: len(here.heard) >= len(CHANNELS))
        assert sorted(here.heard) == sorted(("leave", channel, "there") for channel in CHANNELS)
        assert set(await here.nodes.reports()) == {"here"}
        assert here.presence.lost == 0

"""The subscriber that checks what threads sent."""

from __future__ import annotations

import asyncio

from benchmarks.integrations.follower import follow
from tests.live import LiveHub

CHANNEL = "db_pool_stats"


async def test_what_comes_out_of_order_is_counted(hub: LiveHub) -> None:
    """Each thread counts for itself; a number that was skipped or repeated is one that is out of order."""
    following = asyncio.create_task(follow(hub.url, CHANNEL, 6))
    async with asyncio.timeout(10):
        while not hub.hub.engine.registry.counts().get(CHANNEL):  # noqa: ASYNC110 - subscribing sets no event
            await asyncio.sleep(0.01)
    for thread, number in ((1, 0), (2, 0), (1, 1), (1, 3), (2, 1), (2, 1)):
        await hub.publish(CHANNEL, "work", {"thread": thread, "number": number})
    async with asyncio.timeout(10):
        assert await following == {"received": 6, "disordered": 2, "gaps": 0}

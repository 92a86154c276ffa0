"""What stands behind the ports, as the settings say."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from channels.clock import SystemClock
from channels.local import LocalNodes
from channels.memory import MemoryBroker
from channels.model import Member
from channels.policy import ChannelOptions
from channels.redis.broker import RedisBroker
from channels.redis.sender import Spool
from hub.backends import Backends, backends_for, broker_options
from hub.degraded import BackboneNumbers
from hub.sections.redis import RedisOptions
from tests.kit import draft
from tests.live import settings_for
from tests.redis_process import soon
from tests.redis_server import redis_server


@asynccontextmanager
async def working(url: str, timeout: float = 1.0) -> AsyncIterator[Backends]:
    """Backends on Redis, with their tasks."""
    backends = backends_for(settings_for(redis__url=url, redis__timeout=timeout), SystemClock())
    tasks = [asyncio.create_task(work(), name=name) for name, work in backends.work]
    try:
        await backends.arrive()
        yield backends
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_without_redis_everything_is_in_this_process() -> None:
    """There is nothing to wait for, to watch or to lose."""
    backends = backends_for(settings_for(), SystemClock())
    assert isinstance(backends.broker, MemoryBroker)
    assert isinstance(backends.nodes, LocalNodes)
    told: list[bool] = []
    backends.watch(lambda up, _: told.append(up))
    await backends.arrive()
    assert await backends.drain(1.0) == 0
    await backends.go()
    assert (told, backends.numbers(), backends.work, backends.backbone) == ([], BackboneNumbers(), (), None)


async def test_with_redis_processes_share_everything() -> None:
    """Streams, presence, memberships, claims, notices and each other."""
    async with redis_server() as server, working(server.url) as here, working(server.url) as there:
        published = await here.broker.publish(draft("a"), ChannelOptions())
        assert (await there.broker.history("a", ChannelOptions(), None, 1)).top == published.position
        await here.presence.join("a", Member("c", "alice", "s1", "2026-11-21T10:15:00.000000Z"))
        assert (await there.presence.state("a", False)).users == 1
        await here.membership.add("room:ops", "alice")
        assert await there.membership.contains("room:ops", "alice")
        assert await here.claims.claim("ticket", 60.0)
        assert not await there.claims.claim("ticket", 60.0)
        assert here.nodes.node != there.nodes.node
        assert here.backbone is not None
        assert here.numbers().scripts["claim"].failed == 0
        async with asyncio.timeout(15):
            while set(await there.nodes.reports()) != {here.nodes.node, there.nodes.node}:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await here.go()
        assert set(await there.nodes.reports()) == {there.nodes.node}
        assert (await there.presence.state("a", False)).users == 0


async def test_a_redis_that_is_away_is_told_at_once() -> None:
    """To who watches from now on as well; starting goes on without it."""
    async with redis_server() as server:
        await server.stop(signal.SIGKILL)
        async with working(server.url, timeout=0.2) as backends:
            told: list[bool] = []
            backends.watch(lambda up, _: told.append(up))
            assert told == [False]
            await server.start()
            await soon(lambda: told == [False, True])
            assert isinstance(backends.broker, RedisBroker)
            assert backends.numbers().spooled == 0


def test_the_brokers_options_come_from_the_section() -> None:
    """Each of them."""
    section = RedisOptions(
        when_away="refuse", spool_publications=7, spool_bytes=4096, spool_wait=0.5, check_interval=3.0
    )
    options = broker_options(section)
    assert options.spool == Spool(7, 4096, True, 0.5)
    assert options.check_interval == 3.0

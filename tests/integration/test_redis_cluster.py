"""A cluster: its slots, slots that move while we publish and listen, and masters that die."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from functools import partial
from itertools import count

import pytest

from channels.redis.cluster import slot_of
from channels.redis.config import Redis
from channels.redis.connection import Lost
from channels.redis.keys import Keys
from channels.redis.locator import locator_for
from channels.redis.pipeline import Pipeline
from channels.redis.script import CLAIM, PUBLISH, Call
from tests.redis_cluster import RedisCluster, ask, redis_cluster
from tests.redis_process import soon
from tests.redis_reader import redis_reader
from tests.redis_server import KINDS, binary_of

KEYS = Keys("tocsin")
CHANNELS = [f"room:{number}" for number in range(30)]
FANOUTS = [KEYS.fanout(channel) for channel in CHANNELS]

_marks = count(1)


def claim(name: str) -> Call:
    """Make a call that answers 1 if it is the first on this name, and 0 otherwise."""
    return Call(CLAIM, (KEYS.fanout(name),), (next(_marks), 60_000))


def publish(channel: str, number: int, before: int, body: bytes) -> Call:
    """Make a publish, the `number`th of its publisher."""
    keys = (KEYS.meta(channel), KEYS.stream(channel), KEYS.publisher(channel, "n"), KEYS.idempotency(channel, ""))
    settings = (1000, 600_000, 600_000, 600_000, 0, 0)
    return Call(PUBLISH, keys, (number, before, number, b"e1", *settings, KEYS.fanout(channel), b"SPUBLISH", body))


@pytest.fixture(params=KINDS)
async def cluster(request: pytest.FixtureRequest) -> AsyncIterator[RedisCluster]:
    async with redis_cluster(binary_of(request.param)) as cluster:
        yield cluster


def through(cluster: RedisCluster, timeout: float = 1.0) -> Redis:
    """Make a configuration that names one node."""
    return Redis((cluster.masters[0].address,), mode="cluster", timeout=timeout)


async def persistently(pipeline: Pipeline, *calls: Call) -> list[object]:
    """Run calls until somebody does them."""
    async with asyncio.timeout(40):
        while True:
            try:
                return await pipeline.run(calls)
            except Lost:
                await asyncio.sleep(0.1)


async def test_calls_and_channels_go_to_their_nodes(cluster: RedisCluster) -> None:
    """One batch for all nodes, its replies in its own order; one reader for each node."""
    redis = through(cluster)
    locator = locator_for(redis)
    pipeline = Pipeline(redis, locator)
    async with redis_reader(redis, locator) as reader:
        await reader.listen(*FANOUTS)
        assert reader.links == [True]
        assert len({cluster.master_of(fanout).port for fanout in FANOUTS}) == 3
        calls = [publish(channel, number + 1, 0, b"%d" % number) for number, channel in enumerate(CHANNELS)]
        replies = await pipeline.run(calls)
        assert [reply[0] for reply in replies] == [0] * 30
        await soon(lambda: len(reader.heard) == 30)
        for number, fanout in enumerate(FANOUTS):
            (message,) = reader.messages(fanout)
            assert message.endswith(b"\n%d" % number)
    await pipeline.close()


async def test_a_slot_moves_while_we_publish_and_listen(cluster: RedisCluster) -> None:
    """Nothing is lost, nothing comes twice, and the order holds; the listener follows the slot."""
    redis = through(cluster, timeout=3.0)
    locator = locator_for(redis)
    pipeline = Pipeline(redis, locator)
    fanout = FANOUTS[0]
    source = cluster.master_of(fanout)
    targets = [node for node in cluster.masters if node is not source]
    ended = False

    async def publish_on() -> int:
        number = 0
        while not ended:
            batch = [publish(CHANNELS[0], number + n, number + n - 1, b"%d" % (number + n)) for n in range(1, 6)]
            replies = await pipeline.run(batch)
            assert [reply[2] for reply in replies] == list(range(number + 1, number + 6))
            number += 5
        return number

    async with redis_reader(redis, locator) as reader:
        await reader.listen(fanout)
        publishing = asyncio.create_task(publish_on(), name="publishing")
        place = source
        for moves, target in enumerate((*targets, source), start=1):
            await cluster.move(slot_of(fanout), place, target)
            place = target
            await soon(partial(lambda least: reader.ready.count(fanout) >= least, moves + 1))
        ended = True
        total = await publishing
        assert total > 0
        (reply,) = await pipeline.run([publish(CHANNELS[0], total + 1, total, b"last")])
        assert reply[2] == total + 1
        await soon(lambda: any(message.endswith(b"last") for message in reader.messages(fanout)))
        heard = [int(message.split(b"\n")[1]) for message in reader.messages(fanout)[:-1]]
        assert heard == sorted(set(heard))
        assert reader.links == [True]
    await pipeline.close()


async def test_a_dead_node_takes_only_its_own_with_it(cluster: RedisCluster) -> None:
    """Calls on other nodes have their replies, and channels there are heard."""
    redis = through(cluster)
    locator = locator_for(redis)
    pipeline = Pipeline(redis, locator)
    here = next(channel for channel in CHANNELS if cluster.master_of(KEYS.fanout(channel)) is cluster.masters[1])
    there = next(channel for channel in CHANNELS if cluster.master_of(KEYS.fanout(channel)) is cluster.masters[2])
    async with redis_reader(redis, locator) as reader:
        await reader.listen(KEYS.fanout(here), KEYS.fanout(there))
        for node in cluster.masters:
            await ask(node, "CONFIG", "SET", "cluster-require-full-coverage", "no")
        await cluster.masters[2].stop(signal.SIGKILL)
        replies = await pipeline.attempt([claim(here), claim(there), claim(here)])
        assert [type(reply) for reply in replies] == [int, Lost, int]
        await soon(lambda: reader.links == [True, False])
        await ask(cluster.masters[1], "SPUBLISH", KEYS.fanout(here), "1")
        await soon(lambda: reader.heard == [(KEYS.fanout(here), b"1")])
        await cluster.masters[2].start()
        await soon(lambda: reader.links == [True, False, True])
        # Who was told of a loss is told for every channel that it is over.
        await soon(lambda: reader.ready.count(KEYS.fanout(here)) == reader.ready.count(KEYS.fanout(there)) == 2)
        assert (await persistently(pipeline, claim(there)))[0] in (0, 1)
    await pipeline.close()


async def test_a_replica_takes_over() -> None:
    """After the failover its slots are served again, and listened to at the new master."""
    async with redis_cluster(replicas=1) as cluster:
        redis = through(cluster)
        locator = locator_for(redis)
        pipeline = Pipeline(redis, locator)
        fanout = next(fanout for fanout in FANOUTS if cluster.master_of(fanout) is cluster.masters[0])
        channel = KEYS.channel(fanout)
        async with redis_reader(redis, locator) as reader:
            await reader.listen(*FANOUTS)
            assert (await pipeline.run([publish(channel, 1, 0, b"1")]))[0][2] == 1
            await ask(cluster.masters[0], "WAIT", 1, 5000)
            await cluster.masters[0].stop(signal.SIGKILL)
            # The configuration names only the dead node: the others are known by now.
            (reply,) = await persistently(pipeline, publish(channel, 2, 1, b"2"))
            assert reply == [0, b"e1", 2]
            await soon(lambda: reader.links[-1] and all(reader.ready.count(name) >= 2 for name in FANOUTS))
            assert await locator.locate(slot_of(fanout)) == cluster.replicas[0].address
            await pipeline.run([publish(channel, 3, 2, b"3")])
            await soon(lambda: any(message.endswith(b"\n3") for message in reader.messages(fanout)))
        await pipeline.close()


async def test_a_single_server_is_no_cluster_and_a_cluster_no_single_server(cluster: RedisCluster) -> None:
    """The wrong `redis.mode` is said."""
    pipeline = Pipeline(Redis((cluster.masters[0].address,)), locator_for(Redis((cluster.masters[0].address,))))
    with pytest.raises(Lost, match=r"belongs to a cluster; set redis\.mode to cluster"):
        await pipeline.run([claim(channel) for channel in CHANNELS])
    await pipeline.close()

"""The map of a cluster's slots."""

from __future__ import annotations

import asyncio

import pytest

from channels.redis.cluster import ASK_EVERY, NODES_MAX, SLOTS, ClusterLocator, slot_of
from channels.redis.config import Address, Redis
from channels.redis.connection import Lost
from tests.unit.channels.redis.scripted_redis import (
    OK,
    Answer,
    ScriptedRedis,
    array,
    error,
    number,
    scripted_redis,
    text,
)

A, B = Address("10.0.0.1", 1), Address("10.0.0.2", 2)


def slots(*shards: tuple[int, int, list[Address]]) -> Answer:
    """Answer as a node with this map."""

    def node(address: Address) -> bytes:
        host = text(address.host.encode()) if address.host else b"$-1\r\n"
        return array(host, number(address.port), text(b"id"), array())

    reply = array(*(array(number(first), number(last), *map(node, nodes)) for first, last, nodes in shards))
    return lambda command: reply if command[:2] == [b"CLUSTER", b"SLOTS"] else OK


HALVES = slots((0, 8191, [A]), (8192, 16383, [B]))


def through(*nodes: ScriptedRedis) -> ClusterLocator:
    """Make a locator that knows some nodes."""
    return ClusterLocator(Redis(tuple(node.address for node in nodes), "cluster", timeout=0.5))


@pytest.mark.parametrize(
    ("key", "slot"),
    [
        (b"123456789", 12739),  # CRC16 of this is 0x31C3 (the specification's check value)
        (b"foo", 12182),
        (b"somekey", 11058),
        (b"foo{hash_tag}", 2515),
        (b"{user1000}.following", slot_of(b"user1000")),
        (b"a{user1000}b{x}", slot_of(b"user1000")),
        (b"foo{}{bar}", 8363),
        (b"foo{{bar}}zap", slot_of(b"{bar")),
        (b"{no end", slot_of(b"{no end")),
        (b"", 0),
    ],
)
def test_slots_of_keys(key: bytes, slot: int) -> None:
    """As the specification of Redis Cluster has it, with its corner cases of braces."""
    assert slot_of(key) == slot


async def test_the_map_is_asked_for_once() -> None:
    """Until somebody doubts it."""
    async with scripted_redis(HALVES) as node:
        locator = through(node)
        found = await asyncio.gather(*(locator.locate(slot) for slot in (0, 8191, 8192, 16383)))
        assert found == [A, A, B, B]
        assert (node.links, locator.version, locator.sharded) == (1, 1, True)
        locator.doubt()
        await locator.locate(locator.slot(b"foo"))
        assert (node.links, locator.version) == (2, 1)


async def test_questions_are_rare() -> None:
    """However often it is doubted."""
    async with scripted_redis(HALVES) as node:
        locator = through(node)
        loop = asyncio.get_running_loop()
        before = loop.time()
        for _ in range(4):
            await locator.locate(0)
            locator.doubt()
        assert loop.time() - before >= 3 * ASK_EVERY
        assert node.links == 4


async def test_a_node_that_doesnt_know_its_own_host() -> None:
    """It is where it was asked."""
    async with scripted_redis(slots((0, SLOTS - 1, [Address("", 7)]))) as node:
        assert await through(node).locate(5) == Address("127.0.0.1", 7)


async def test_what_moved_is_learnt_at_once() -> None:
    """Without a question."""
    async with scripted_redis(HALVES) as node:
        locator = through(node)
        await locator.locate(0)
        locator.moved(5, B)
        locator.moved(5, B)
        locator.moved(SLOTS, B)
        assert [await locator.locate(slot) for slot in (4, 5)] == [A, B]
        assert (node.links, locator.version) == (1, 2)


async def test_a_slot_without_a_node() -> None:
    """Is lost for now, and asked for again next time."""
    async with scripted_redis(slots((0, 9, [A]))) as node:
        locator = through(node)
        with pytest.raises(Lost, match="no node of the cluster has slot 10"):
            await locator.locate(10)
        node.answer = HALVES
        assert await locator.locate(10) == A


async def test_other_nodes_are_asked() -> None:
    """Those that were learnt as well; what was known stays until somebody answers."""
    async with scripted_redis() as second:
        shards = slots((0, 8191, [A]), (8192, 16383, [B, second.address]))
        second.answer = shards
        async with scripted_redis(shards) as first:
            locator = through(first)
            await locator.locate(0)
        locator._nodes = (first.address, second.address)
        locator.doubt()
        assert await locator.locate(0) == A
        assert second.links == 1
    locator._nodes = (second.address,)
    await locator.refresh()
    assert await locator.locate(0) == A
    locator.doubt()
    with pytest.raises(Lost):
        await locator.locate(0)


async def test_memory_is_bounded() -> None:
    """A cluster with many nodes."""
    nodes = [Address("10.0.1.1", port) for port in range(1, 200)]
    async with scripted_redis(slots((0, SLOTS - 1, nodes))) as node:
        locator = through(node)
        await locator.locate(0)
        assert len(locator._nodes) == NODES_MAX


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (error("ERR This instance has cluster support disabled"), "cluster support disabled"),
        (array(), "belongs to no cluster that has slots"),
        (b"", r"no answer within 0\.5 s"),
    ],
)
async def test_no_cluster(answer: bytes, reason: str) -> None:
    """A server of another kind, an empty node, and silence."""
    async with scripted_redis(lambda c: answer if c[0] == b"CLUSTER" else OK) as node:
        with pytest.raises(Lost, match=reason):
            await through(node).locate(0)

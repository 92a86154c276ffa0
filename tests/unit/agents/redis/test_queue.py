"""What the queue in Redis does beside what all do (tests/contract/test_task_queue.py): lost answers, a server that goes
away, one that forgets, and its keys."""

from __future__ import annotations

import asyncio
import signal
from uuid import uuid4

import pytest

from agents.ports import QueueFull
from agents.redis.queue import LIFE, TAKE, RedisQueue
from channels.errors import ErrorCode, ReplyError
from channels.redis.cluster import slot_of
from channels.redis.script import Call
from tests.redis_ports import command, redis_ports
from tests.redis_process import soon
from tests.redis_server import redis_server

TASKS = [uuid4() for _ in range(5)]


async def test_a_take_whose_answer_was_lost_gives_the_same_task() -> None:
    """So none is leased to nobody. Another call takes another one."""
    async with redis_server(persistent=False) as server, redis_ports(server.address) as ports:
        queue, agent = RedisQueue(ports.backbone, 10, 3), uuid4()
        for task in TASKS[:3]:
            await queue.offer(agent, task)
        call = Call(TAKE, queue._keys(agent), (b"n", b"mark", 60_000, 3, LIFE))
        assert [await ports.backbone.queries.call(call) for _ in range(2)] == [str(TASKS[0]).encode()] * 2
        assert await queue.take(agent, "n", 60.0) == TASKS[1]
        assert await queue.active(agent) == 2


async def test_leases_end_on_the_servers_clock() -> None:
    """In real time. How long a task took is measured there as well."""
    async with redis_server(persistent=False) as server, redis_ports(server.address) as ports:
        queue, agent = RedisQueue(ports.backbone, 2, 1), uuid4()
        await queue.offer(agent, TASKS[0])
        await queue.take(agent, "n", 0.05)
        assert await queue.active(agent) == 1
        await asyncio.sleep(0.06)
        assert await queue.active(agent) == 0
        key = queue._keys(agent)[2]
        await queue.renew(agent, [TASKS[0]], "n", 60.0)
        since, mark, node = (await command(server.address, b"HGET", key, str(TASKS[0]).encode())).split(b" ")
        assert (mark, node) == (b"-", b"n")
        await command(server.address, b"HSET", key, str(TASKS[0]).encode(), b"%d - n" % (int(since) - 20_000))
        await queue.finish(agent, TASKS[0])
        for task in TASKS[1:3]:
            await queue.offer(agent, task)
        with pytest.raises(QueueFull) as caught:
            await queue.offer(agent, TASKS[3])
        assert caught.value.retry_after == pytest.approx(20.0, abs=1.0)


async def test_keys() -> None:
    """All of an agent's are in one slot; none outlives a week in which nobody touches it."""
    async with redis_server(persistent=False) as server, redis_ports(server.address) as ports:
        queue, agent = RedisQueue(ports.backbone, 10, 3), uuid4()
        for task in TASKS[:2]:
            await queue.offer(agent, task)
        await queue.take(agent, "n", 60.0)
        keys = await command(server.address, b"KEYS", b"tocsin:queue:*")
        assert sorted(keys) == sorted(queue._keys(agent))
        assert len({slot_of(key) for key in keys}) == 1
        for key in keys:
            assert LIFE - 10_000 < await command(server.address, b"PTTL", key) <= LIFE
        await queue.forget(agent)
        assert await command(server.address, b"KEYS", b"tocsin:queue:*") == []


async def test_extreme_priorities_keep_the_order() -> None:
    """They are cut to 16 bits, and within them orders are exact."""
    async with redis_server(persistent=False) as server, redis_ports(server.address) as ports:
        queue, agent = RedisQueue(ports.backbone, 10, 3), uuid4()
        for task, priority in zip(TASKS, (-32_767, -(10**9), 32_766, 10**9, 32_767), strict=True):
            await queue.offer(agent, task, priority)
        taken = [await queue.take(agent, "n", 60.0)]
        for _ in range(4):
            await queue.finish(agent, taken[-1] or uuid4())
            taken.append(await queue.take(agent, "n", 60.0))
        assert taken == [TASKS[place] for place in (3, 4, 2, 0, 1)]


async def test_a_server_that_is_killed_and_comes_back_has_all() -> None:
    """It keeps what it acknowledged; meanwhile the queue says that it is away."""
    async with redis_server() as server, redis_ports(server.address, timeout=0.3) as ports:
        queue, agent = RedisQueue(ports.backbone, 10, 2), uuid4()
        for task in TASKS[:3]:
            await queue.offer(agent, task)
        assert await queue.take(agent, "n", 60.0) == TASKS[0]
        await server.stop(signal.SIGKILL)
        with pytest.raises(ReplyError) as caught:
            await queue.offer(agent, TASKS[3])
        assert caught.value.code is ErrorCode.UNAVAILABLE
        await server.start()
        await soon(lambda: ports.backbone.available)
        assert await queue.renew(agent, [TASKS[0]], "n", 60.0) == {TASKS[0]}
        assert [await queue.take(agent, "n", 60.0) for _ in range(2)] == [TASKS[1], None]
        assert (await queue.offer(agent, TASKS[2])).ahead == 0


async def test_a_server_that_comes_back_empty() -> None:
    """What runs is counted again as soon as it renews, and what waited is offered again: neither more nor twice."""
    async with redis_server(persistent=False) as server, redis_ports(server.address, timeout=0.3) as ports:
        queue, agent = RedisQueue(ports.backbone, 10, 2), uuid4()
        for task in TASKS[:4]:
            await queue.offer(agent, task)
        running = [await queue.take(agent, "n", 60.0) for _ in range(2)]
        await server.restart(signal.SIGKILL)
        await soon(lambda: ports.backbone.available)
        assert (await queue.waiting(agent), await queue.active(agent)) == (0, 0)
        assert await queue.renew(agent, TASKS[:2], "n", 60.0) == set(running)
        for task in TASKS[:4]:
            await queue.offer(agent, task)
        assert (await queue.waiting(agent), await queue.active(agent)) == (2, 2)
        assert await queue.take(agent, "n", 60.0) is None
        await queue.finish(agent, TASKS[0])
        assert await queue.take(agent, "n", 60.0) == TASKS[2]

"""What the limiter in Redis does beside what all do: without Redis, and its key. That of all is in tests/contract."""

from __future__ import annotations

import asyncio
import signal

from agents.redis.limiter import RedisLimiter
from tests.kit import ManualClock
from tests.redis_ports import command, redis_ports
from tests.redis_process import soon
from tests.redis_server import redis_server


async def test_without_redis_each_process_counts_alone() -> None:
    """At once, whether Redis is gone or only silent; and together again when it is back."""
    async with redis_server() as server, redis_ports(server.address, timeout=2.0) as ports:
        limiter = RedisLimiter(ports.backbone, 2, 60.0, ManualClock().monotonic, patience=0.05)
        assert (await limiter.take("user:a")).remaining == 1
        server.freeze()
        async with asyncio.timeout(1.5):
            answers = [await limiter.take("user:a") for _ in range(3)]
        assert [answer.remaining for answer in answers] == [1, 0, 0]
        assert [answer.allowed for answer in answers] == [True, True, False]
        server.thaw()
        await server.stop(signal.SIGKILL)
        assert not (await limiter.take("user:a")).allowed
        assert limiter.alone == 4
        await server.start()
        await soon(lambda: ports.backbone.available)
        limiter._patience = 5.0
        assert (await limiter.take("user:b")).remaining == 1
        assert limiter.alone == 4


async def test_nobody_waits_for_a_redis_that_is_known_to_be_away() -> None:
    """However patient the limiter is."""
    async with redis_server(persistent=False) as server, redis_ports(server.address, timeout=20.0) as ports:
        limiter = RedisLimiter(ports.backbone, 2, 60.0, ManualClock().monotonic, patience=10.0)
        await limiter.take("user:a")
        server.freeze()
        ports.backbone._on_reader(False, "silent")
        ports.backbone._unheard_since = asyncio.get_running_loop().time() - 2.0
        async with asyncio.timeout(5.0):
            assert (await limiter.take("user:a")).remaining == 1
        assert limiter.alone == 1


async def test_the_key_is_the_users_and_ends_with_the_window() -> None:
    """By itself, on the server's clock: then all is as new."""
    async with redis_server(persistent=False) as server, redis_ports(server.address) as ports:
        limiter = RedisLimiter(ports.backbone, 2, 0.1, ManualClock().monotonic, patience=5.0)
        first = [await limiter.take("user:1") for _ in range(3)]
        assert [answer.allowed for answer in first] == [True, True, False]
        assert 0 < first[-1].retry_after <= first[-1].reset <= 0.1
        assert await command(server.address, b"KEYS", b"tocsin:limit:*") == [b"tocsin:limit:{user:1}"]
        await asyncio.sleep(first[-1].reset + 0.02)
        assert await command(server.address, b"KEYS", b"tocsin:limit:*") == []
        assert (await limiter.take("user:1")).remaining == 1

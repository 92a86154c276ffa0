"""Where queues and limits of agents live while the contract suites try them. See `tests.contract.worlds`.

Both suites reckon with minutes, and none waits: where the clock is Redis' own, what is kept is moved into the past.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from agents.bus.limits import MemoryLimiter
from agents.bus.memory_queue import MemoryQueue
from agents.ports import RateLimiter, TaskQueue
from agents.redis.limiter import RedisLimiter
from agents.redis.queue import RedisQueue
from channels.redis.config import Address
from tests.kit import ManualClock
from tests.redis_ports import command, redis_ports
from tests.redis_server import redis_server


class Passing(Protocol):
    """The time in which an implementation lives."""

    async def let_pass(self, seconds: float) -> None:
        """Return when `seconds` have gone by for the implementation, give or take a second."""


class ManualPassing:
    """A clock that the implementation was given."""

    def __init__(self) -> None:
        self.clock = ManualClock()

    async def let_pass(self, seconds: float) -> None:
        self.clock.advance(seconds)


_MOVE = b"""
for _, key in ipairs(redis.call('KEYS', '*:leases')) do
  for _, task in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZINCRBY', key, -ARGV[1], task) end
end
for _, key in ipairs(redis.call('KEYS', '*:limit:*')) do
  for place, time in ipairs(redis.call('LRANGE', key, 0, -1)) do
    redis.call('LSET', key, place - 1, string.format('%.0f', time - 1000 * ARGV[1]))
  end
end
"""


class RedisPassing:
    """The clock of a server, which goes on as it likes: all leases and times there are moved back instead."""

    def __init__(self, address: Address) -> None:
        self._address = address

    async def let_pass(self, seconds: float) -> None:
        if seconds:
            await command(self._address, b"EVAL", _MOVE, b"0", b"%d" % round(1000 * seconds))


@dataclass(frozen=True)
class QueueWorld:
    """One queue, as two processes see it."""

    here: TaskQueue
    there: TaskQueue
    time: Passing


@asynccontextmanager
async def memory_queues(limit: int, concurrency: int) -> AsyncIterator[QueueWorld]:
    """One process, so both are the same."""
    passing = ManualPassing()
    queue = MemoryQueue(limit, concurrency, passing.clock.monotonic)
    yield QueueWorld(queue, queue, passing)


@asynccontextmanager
async def redis_queues(limit: int, concurrency: int) -> AsyncIterator[QueueWorld]:
    """Two processes over a real Valkey."""
    async with (
        redis_server(persistent=False) as server,
        redis_ports(server.address, "here") as here,
        redis_ports(server.address, "there") as there,
    ):
        queues = [RedisQueue(ports.backbone, limit, concurrency) for ports in (here, there)]
        yield QueueWorld(queues[0], queues[1], RedisPassing(server.address))


@dataclass(frozen=True)
class LimitWorld:
    """One limit, as two processes see it."""

    here: RateLimiter
    there: RateLimiter
    time: Passing


@asynccontextmanager
async def memory_limits(limit: int, window: float) -> AsyncIterator[LimitWorld]:
    """One process, so both are the same."""
    passing = ManualPassing()
    limiter = MemoryLimiter(limit, window, passing.clock.monotonic)
    yield LimitWorld(limiter, limiter, passing)


@asynccontextmanager
async def redis_limits(limit: int, window: float) -> AsyncIterator[LimitWorld]:
    """Two processes over a real Valkey."""
    async with (
        redis_server(persistent=False) as server,
        redis_ports(server.address, "here") as here,
        redis_ports(server.address, "there") as there,
    ):
        # A machine that is busy must not make them count alone.
        limiters = [RedisLimiter(ports.backbone, limit, window, lambda: 0.0, 10.0) for ports in (here, there)]
        yield LimitWorld(limiters[0], limiters[1], RedisPassing(server.address))


QUEUES: Mapping[str, Callable[[int, int], AbstractAsyncContextManager[QueueWorld]]] = {
    "memory": memory_queues,
    "redis": redis_queues,
}
LIMITS: Mapping[str, Callable[[int, float], AbstractAsyncContextManager[LimitWorld]]] = {
    "memory": memory_limits,
    "redis": redis_limits,
}
"""Implementations by name: queues of so many places and tasks at work, limits of so many requests in seconds."""

"""What the agents of all processes share beside the database: in Redis, or in this process when there is no other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, Metric

from agents.bus.limits import MemoryLimiter
from agents.bus.memory_queue import MemoryQueue
from agents.ports import Allowance, RateLimiter, TaskQueue
from agents.redis.limiter import RedisLimiter
from agents.redis.queue import RedisQueue
from channels.clock import Clock
from channels.errors import ErrorCode, ReplyError
from channels.redis.backbone import Backbone
from hub.sections.agents import AgentsOptions

MINUTE: Final = 60.0


def queue_for(options: AgentsOptions, backbone: Backbone | None, clock: Clock) -> TaskQueue:
    """Make the queue of tasks."""
    if backbone is None:
        return MemoryQueue(options.queue, options.concurrency, clock.monotonic)
    return RedisQueue(backbone, options.queue, options.concurrency)


def limiter_for(options: AgentsOptions, backbone: Backbone | None, clock: Clock) -> RateLimiter | None:
    """Make what counts the requests of users; `None`: nobody does."""
    requests = options.requests_per_minute
    return counter_of(requests, MINUTE, backbone, clock) if requests else None


def require(allowance: Allowance) -> None:
    """Let a request go on that the limit of requests allows.

    Raises:
        ReplyError: `rate_limited`.
    """
    if not allowance.allowed:
        message = f"more than {allowance.limit} requests per minute (agents.requests_per_minute)"
        raise ReplyError(
            ErrorCode.RATE_LIMITED, message, limit=allowance.limit, retry_after=round(allowance.retry_after, 3)
        )


def counter_of(requests: int, window: float, backbone: Backbone | None, clock: Clock) -> RateLimiter:
    """Make what counts something else: at most so many in a window of seconds."""
    if backbone is None:
        return MemoryLimiter(requests, window, clock.monotonic)
    return RedisLimiter(backbone, requests, window, clock.monotonic)


def measure(limiter: RateLimiter | None) -> Iterator[Metric]:
    """Tell whether the limit of requests is one over all processes."""
    alone = CounterMetricFamily(
        "tocsin_agents_requests_alone", "Requests of users that were counted in one process alone: Redis was away."
    )
    alone.add_metric([], limiter.alone if isinstance(limiter, RedisLimiter) else 0)
    yield alone

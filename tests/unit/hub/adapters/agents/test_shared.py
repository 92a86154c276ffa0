"""Where the agents' queue and limits are, as the settings say."""

from __future__ import annotations

from random import Random

import pytest

from agents.bus.limits import MemoryLimiter
from agents.bus.memory_queue import MemoryQueue
from agents.ports import Allowance
from agents.redis.limiter import RedisLimiter
from agents.redis.queue import RedisQueue
from channels.errors import ErrorCode, ReplyError
from channels.redis.backbone import Backbone
from channels.redis.config import Address, Redis
from hub.adapters.agents.shared import limiter_for, measure, queue_for, require
from hub.sections.agents import AgentsOptions
from tests.kit import ManualClock


def test_without_redis_they_are_in_this_process() -> None:
    """Which is all there is."""
    options, clock = AgentsOptions(), ManualClock()
    assert isinstance(queue_for(options, None, clock), MemoryQueue)
    assert isinstance(limiter_for(options, None, clock), MemoryLimiter)


async def test_with_redis_all_processes_share_them() -> None:
    """As they share everything else."""
    options, clock = AgentsOptions(), ManualClock()
    backbone = Backbone(Redis((Address("localhost", 1),)), Random(1))
    assert isinstance(queue_for(options, backbone, clock), RedisQueue)
    assert isinstance(limiter_for(options, backbone, clock), RedisLimiter)


async def test_the_limits_are_the_options() -> None:
    """A hundred requests a minute unless said otherwise; none are counted with 0."""
    limiter = limiter_for(AgentsOptions(), None, ManualClock())
    assert limiter is not None
    assert (await limiter.take("user:a")).limit == 100
    assert limiter_for(AgentsOptions(requests_per_minute=0), None, ManualClock()) is None


async def test_requests_that_are_counted_alone_are_measured() -> None:
    """Without Redis there is nobody else."""
    limiter = limiter_for(AgentsOptions(), Backbone(Redis((Address("localhost", 1),)), Random(1)), ManualClock())
    assert isinstance(limiter, RedisLimiter)
    limiter.alone = 3
    for each, expected in ((limiter, 3), (None, 0)):
        (metric,) = measure(each)
        assert [(sample.name, sample.value) for sample in metric.samples] == [
            ("tocsin_agents_requests_alone_total", expected)
        ]


def test_what_the_limit_allows() -> None:
    """Goes on; the next one is told when to come back."""
    require(Allowance(3, 0, 12.0))
    with pytest.raises(ReplyError) as refused:
        require(Allowance(3, 0, 12.0, 4.00049))
    assert (refused.value.code, refused.value.details) == (ErrorCode.RATE_LIMITED, {"limit": 3, "retry_after": 4.0})

"""What the queue in memory does beside what all do; that is in tests/contract/test_task_queue.py."""

from __future__ import annotations

from uuid import uuid4

import pytest

from agents.bus.memory_queue import MemoryQueue, retry_after
from agents.ports import QueueFull
from tests.kit import ManualClock


async def test_a_full_queue_tells_what_its_tasks_take() -> None:
    """As many places become free in that time as tasks are at work; the newest tasks count most."""
    clock = ManualClock()
    queue, agent = MemoryQueue(2, 2, clock.monotonic), uuid4()
    await queue.offer(agent, uuid4())
    for seconds in (20.0, 40.0):
        await queue.offer(agent, uuid4())
        task = await queue.take(agent, "n", 60.0)
        assert task is not None
        clock.advance(seconds)
        await queue.finish(agent, task)
    await queue.offer(agent, uuid4())
    with pytest.raises(QueueFull) as caught:
        await queue.offer(agent, uuid4())
    assert caught.value.retry_after == pytest.approx((20.0 + 0.2 * 20.0) / 2)


def test_nobody_is_told_to_come_at_once_or_tomorrow() -> None:
    """From one second to half a minute."""
    assert [retry_after(mean, 3) for mean in (0.0, 1.5, 6.0, 9_000.0)] == [1.0, 1.0, 2.0, 30.0]


async def test_an_agent_without_tasks_takes_no_memory() -> None:
    """However its tasks came and went."""
    clock = ManualClock()
    queue, agent = MemoryQueue(9, 3, clock.monotonic), uuid4()
    for _ in range(4):
        await queue.offer(agent, uuid4())
    await queue.withdraw(agent, (tasks := [await queue.take(agent, "n", 10.0) for _ in range(3)])[0] or uuid4())
    assert None not in tasks
    clock.advance(11.0)
    assert await queue.take(agent, "n", 10.0) is not None
    clock.advance(11.0)
    assert await queue.take(agent, "n", 10.0) is None
    assert queue._lines == {}

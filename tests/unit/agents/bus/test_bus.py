"""The workers of agents' queues, in one process and in several."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest

from agents.bus.bus import Bus, BusOptions
from agents.bus.memory_queue import MemoryQueue
from agents.ports import QueueFull
from channels.errors import ErrorCode, ReplyError
from tests.unit.agents.catalog.catalogs import Wire

CODER, WRITER = uuid4(), uuid4()


class Probe:
    """A handler that holds tasks until they are let go, and keeps what happened."""

    def __init__(self, *, holds: bool = True) -> None:
        self.begun: list[UUID] = []
        self.ended: list[UUID] = []
        self.cancelled: list[UUID] = []
        self.at_work: dict[UUID, int] = {}
        self.most: dict[UUID, int] = {}
        self.gate = asyncio.Event()
        self.changed = asyncio.Event()
        if not holds:
            self.gate.set()

    async def __call__(self, agent: UUID, task: UUID) -> None:
        self.begun.append(task)
        self.at_work[agent] = self.at_work.get(agent, 0) + 1
        self.most[agent] = max(self.most.get(agent, 0), self.at_work[agent])
        self.changed.set()
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
            self.ended.append(task)
        except asyncio.CancelledError:
            self.cancelled.append(task)
            raise
        finally:
            self.at_work[agent] -= 1
            self.changed.set()

    async def until(self, begun: int = 0, ended: int = 0, cancelled: int = 0) -> None:
        async with asyncio.timeout(5):
            while len(self.begun) < begun or len(self.ended) < ended or len(self.cancelled) < cancelled:
                self.changed.clear()
                await self.changed.wait()


class Flaky(MemoryQueue):
    """A queue that can be away."""

    def __init__(self) -> None:
        super().__init__(100, 3, time.monotonic)
        self.away = False

    async def take(self, agent: UUID, node: str, lease: float) -> UUID | None:
        if self.away:
            raise ReplyError(ErrorCode.UNAVAILABLE, "away")
        return await super().take(agent, node, lease)


def a_queue() -> MemoryQueue:
    return MemoryQueue(100, 3, time.monotonic)


@asynccontextmanager
async def a_bus(
    handler: Probe, queue: MemoryQueue, wire: Wire, options: BusOptions | None = None, node: str = "n"
) -> AsyncIterator[Bus]:
    bus = Bus(queue, wire, options or BusOptions(), node)
    bus.start(handler)
    yield bus
    await bus.stop(0)


async def settled() -> None:
    """Let everything that can go on do so: doubles take a bounded number of the loop's rounds."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_never_more_than_three_of_an_agent_are_at_work() -> None:
    """50 tasks over two processes: all are done, each once, never more than three at once."""
    probe, queue, wire = Probe(holds=False), a_queue(), Wire()
    async with a_bus(probe, queue, wire) as one, a_bus(probe, queue, wire, node="m") as two:
        tasks = [uuid4() for _ in range(50)]
        for number, task in enumerate(tasks):
            await (one if number % 2 else two).submit(CODER, task)
        await probe.until(ended=50)
    assert sorted(probe.ended) == sorted(tasks)
    assert probe.most == {CODER: 3}


async def test_order_and_priority() -> None:
    """First in, first out; a higher priority comes first. Each agent has three places of its own."""
    probe, queue, wire = Probe(), a_queue(), Wire()
    async with a_bus(probe, queue, wire) as bus:
        first = [uuid4() for _ in range(3)]
        ahead = [await bus.submit(CODER, task) for task in first]
        await probe.until(begun=3)
        waiting = [uuid4() for _ in range(3)]
        ahead += [await bus.submit(CODER, task) for task in waiting]
        urgent, other = uuid4(), uuid4()
        ahead += [await bus.submit(CODER, urgent, priority=5), await bus.submit(WRITER, other)]
        await probe.until(begun=4)
        probe.gate.set()
        await probe.until(ended=8)
    assert probe.begun == [*first, other, urgent, *waiting]
    assert ahead == [0, 0, 0, 3, 4, 5, 3, 0]


async def test_a_full_queue() -> None:
    """Three are at work, a hundred wait, the next is refused and told when to come again. One that waits can be taken
    back, and its place is free."""
    probe, queue, wire = Probe(), a_queue(), Wire()
    async with a_bus(probe, queue, wire) as bus:
        tasks = [uuid4() for _ in range(103)]
        for task in tasks:
            await bus.submit(CODER, task)
            if len(probe.begun) < 3:
                await settled()
        with pytest.raises(QueueFull) as full:
            await bus.submit(CODER, uuid4())
        assert (full.value.limit, bus.refused) == (100, 1)
        assert full.value.retry_after > 0
        await bus.cancel(CODER, tasks[50])
        late = uuid4()
        await bus.submit(CODER, late)
        probe.gate.set()
        await probe.until(ended=103)
    assert tasks[50] not in probe.begun
    assert probe.begun[-1] == late


async def test_cancelling_what_is_at_work() -> None:
    """Reaches the process that works on it; twice is once. Its place is free again."""
    probe, queue, wire = Probe(), a_queue(), Wire()
    async with a_bus(probe, queue, wire) as one:
        task = uuid4()
        await one.submit(CODER, task)
        await probe.until(begun=1)
        two = Bus(queue, wire, BusOptions(), "m")
        await asyncio.gather(two.cancel(CODER, task), two.cancel(CODER, task), one.cancel(CODER, task))
        await probe.until(cancelled=1)
        assert await one.is_idle(CODER, 1)
        assert await two.is_idle(CODER, 0)
    assert (probe.begun, probe.cancelled) == ([task], [task])


async def test_a_task_is_cancelled_once() -> None:
    """So that it can end in good order, however often that is asked; only a process that stops insists."""
    began, cleaned, gate = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def tidy(_: UUID, __: UUID) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await gate.wait()
            cleaned.set()

    bus, task = Bus(a_queue(), Wire(), BusOptions(), "n"), uuid4()
    bus.start(tidy)
    await bus.submit(CODER, task)
    await began.wait()
    for _ in range(3):
        await bus.cancel(CODER, task)
        await settled()
    gate.set()
    await bus.stop(1)
    assert cleaned.is_set()


async def test_a_process_with_its_hands_full_tells_the_others() -> None:
    """And takes the rest itself when it has room again."""
    full, free, queue, wire = Probe(), Probe(), a_queue(), Wire()
    async with a_bus(full, queue, wire, BusOptions(here=1)) as one:
        await one.submit(CODER, uuid4())
        await full.until(begun=1)
        await one.submit(WRITER, uuid4())
        await settled()
        assert len(full.begun) == 1
        full.gate.set()
        await full.until(ended=2)
        full.gate.clear()
        await one.submit(CODER, uuid4())
        await full.until(begun=3)
        async with a_bus(free, queue, wire, node="m"):
            await one.submit(WRITER, uuid4())
            await free.until(begun=1)


async def test_a_process_that_stops() -> None:
    """Takes nothing more. What is at work has its time, and is then cancelled once; what waits stays in the queue."""
    patient, cancelled, queue, wire = Probe(), Probe(), a_queue(), Wire()
    bus = Bus(queue, wire, BusOptions(), "n")
    bus.start(patient)
    tasks = [uuid4() for _ in range(5)]
    for task in tasks:
        await bus.submit(CODER, task)
    await patient.until(begun=3)
    stopping = asyncio.create_task(bus.stop(5))
    await settled()
    assert not stopping.done()
    patient.gate.set()
    await stopping
    assert (len(patient.ended), patient.begun) == (3, tasks[:3])
    assert await queue.waiting(CODER) == 2
    async with a_bus(cancelled, queue, wire, node="m") as other:
        other.wake(CODER)
        await cancelled.until(begun=2)
    assert len(cancelled.cancelled) == 2
    assert await queue.active(CODER) == 0


async def test_a_task_that_breaks_takes_nothing_with_it() -> None:
    """It is counted, its place is free, and the next one comes."""
    queue, wire = a_queue(), Wire()
    seen: list[UUID] = []

    async def broken(_: UUID, task: UUID) -> None:
        seen.append(task)
        raise RuntimeError("broken") if len(seen) == 1 else ReplyError(ErrorCode.UNAVAILABLE, "away")

    bus = Bus(queue, wire, BusOptions(), "n")
    bus.start(broken)
    for _ in range(5):
        await bus.submit(CODER, uuid4())
    await settled()
    assert (len(seen), bus.broken, bus.working) == (5, 1, frozenset())
    assert await bus.is_idle(CODER, 0)
    await bus.stop(0)


async def test_a_queue_that_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is asked again."""
    monkeypatch.setattr("agents.bus.bus.RETRY", 0.01)
    probe, queue, wire = Probe(holds=False), Flaky(), Wire()
    queue.away = True
    async with a_bus(probe, queue, wire) as bus:
        await bus.submit(CODER, uuid4())
        await settled()
        assert probe.begun == []
        queue.away = False
        await probe.until(ended=1)


async def test_leases_are_renewed() -> None:
    """As long as a task is at work its place stays its own."""
    probe, queue, wire = Probe(), a_queue(), Wire()
    async with a_bus(probe, queue, wire, BusOptions(lease=0.15)) as bus:
        for _ in range(4):
            await bus.submit(CODER, uuid4())
        await probe.until(begun=3)
        await asyncio.sleep(0.4)
        bus.wake(CODER)
        await settled()
        assert len(probe.begun) == 3
        assert not await bus.is_idle(CODER, 0)
        await bus.forget(CODER)
        assert await queue.waiting(CODER) == 0


async def test_who_makes_a_task_can_take_it() -> None:
    """When it is the next one and there is room; what comes before it is begun instead, and it waits for its turn."""
    queue, probe = MemoryQueue(10, 3, time.monotonic), Probe()
    bus = Bus(queue, Wire(), BusOptions(here=2), "node")
    first, second, third, fourth = (uuid4() for _ in range(4))
    await bus.offer(CODER, first)
    assert not await bus.take(CODER, first)  # it takes no tasks yet
    bus.start(probe)
    await bus.offer(CODER, second)
    assert not await bus.take(CODER, second)
    assert bus.working == {first}
    assert await bus.take(CODER, second)
    await bus.offer(CODER, third)
    assert not await bus.take(CODER, third)  # no room
    await bus.offer(WRITER, fourth)
    assert not await bus.take(WRITER, fourth)
    probe.gate.set()
    await probe.until(ended=3)
    await bus.stop(1.0)

"""What all queues of agents' tasks owe: the order, the bound on what is at work, and nothing lost or done twice. See
`agents.ports.TaskQueue`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.ports import QueueFull, TaskQueue
from tests.contract.agent_worlds import QUEUES, QueueWorld

LIMIT, CONCURRENCY = 5, 2
LEASE = 60.0

TASKS = [UUID(int=number) for number in range(1, 9)]


@pytest.fixture(params=QUEUES)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[QueueWorld]:
    async with QUEUES[request.param](LIMIT, CONCURRENCY) as world:
        yield world


async def offer(queue: TaskQueue, agent: UUID, *tasks: UUID) -> None:
    """Offer tasks in order."""
    for task in tasks:
        await queue.offer(agent, task)


async def test_first_in_first_out_within_a_priority(world: QueueWorld) -> None:
    """Whoever offers and whoever takes. The place is how many are served before."""
    agent = uuid4()
    offered = [(TASKS[0], 0), (TASKS[1], 5), (TASKS[2], 0), (TASKS[3], 5), (TASKS[4], -1)]
    ahead = []
    for number, (task, priority) in enumerate(offered):
        queue = (world.here, world.there)[number % 2]
        ahead.append((await queue.offer(agent, task, priority)).ahead)
    assert ahead == [0, 0, 2, 1, 4]
    taken = []
    for number in range(len(offered)):
        head = await (world.there, world.here)[number % 2].take(agent, "n", LEASE)
        assert head is not None
        taken.append(head)
        await world.here.finish(agent, head)
    assert taken == [TASKS[1], TASKS[3], TASKS[0], TASKS[2], TASKS[4]]
    assert await world.there.take(agent, "n", LEASE) is None


async def test_never_more_at_work_than_may_be(world: QueueWorld) -> None:
    """Over all processes: of fifty tasks and ten workers, each task is worked on once, two at a time."""
    agent, left = uuid4(), [uuid4() for _ in range(50)]
    worked: Counter[UUID] = Counter()
    at_work = most = 0

    async def produce() -> None:
        while left:
            try:
                await world.here.offer(agent, left[-1])
            except QueueFull:
                await asyncio.sleep(0)
            else:
                left.pop()

    async def work(queue: TaskQueue, node: str) -> None:
        nonlocal at_work, most
        while worked.total() < 50:
            task = await queue.take(agent, node, LEASE)
            if task is None:
                await asyncio.sleep(0)
                continue
            at_work += 1
            most = max(most, at_work)
            worked[task] += 1
            await asyncio.sleep(0.002)
            at_work -= 1
            await queue.finish(agent, task)

    workers = [work((world.here, world.there)[n % 2], f"n-{n % 2}") for n in range(10)]
    async with asyncio.timeout(20.0):
        await asyncio.gather(produce(), *workers)
    assert most == CONCURRENCY
    assert set(worked.values()) == {1}
    assert (await world.here.waiting(agent), await world.there.active(agent)) == (0, 0)


async def test_offering_again_changes_nothing(world: QueueWorld) -> None:
    """Neither while it waits, even with another priority and no room, nor while it is at work."""
    agent = uuid4()
    await offer(world.here, agent, *TASKS[:LIMIT])
    assert (await world.there.offer(agent, TASKS[3], 9)).ahead == 3
    assert await world.there.take(agent, "n", LEASE) == TASKS[0]
    assert (await world.here.offer(agent, TASKS[0])).ahead == 0
    assert (await world.here.waiting(agent), await world.here.active(agent)) == (LIMIT - 1, 1)


async def test_a_full_queue(world: QueueWorld) -> None:
    """Says how long it may be, and when to come again; what is at work takes no room in it."""
    agent = uuid4()
    await offer(world.here, agent, *TASKS[:LIMIT])
    with pytest.raises(QueueFull) as caught:
        await world.there.offer(agent, TASKS[5], 9)
    assert caught.value.limit == LIMIT
    assert 1 <= caught.value.retry_after <= 30
    await world.here.offer(uuid4(), TASKS[5])
    await world.here.take(agent, "n", LEASE)
    await world.there.offer(agent, TASKS[5])


async def test_a_lease_that_isnt_renewed_gives_its_place_back(world: QueueWorld) -> None:
    """The task itself doesn't come again by itself: who looks after the tasks offers it again, or not."""
    agent = uuid4()
    await offer(world.here, agent, *TASKS[:4])
    first, second = await world.here.take(agent, "a", LEASE), await world.there.take(agent, "b", LEASE)
    assert (first, second) == (TASKS[0], TASKS[1])
    assert await world.here.take(agent, "a", LEASE) is None
    await world.time.let_pass(LEASE - 10)
    assert await world.there.renew(agent, [TASKS[1]], "b", LEASE) == {TASKS[1]}
    await world.time.let_pass(20.0)
    assert await world.here.active(agent) == 1
    assert await world.here.take(agent, "a", LEASE) == TASKS[2]
    assert await world.here.take(agent, "a", LEASE) is None
    await world.here.offer(agent, TASKS[0])
    assert await world.there.renew(agent, [TASKS[0]], "a", LEASE) == frozenset()
    await world.here.finish(agent, TASKS[1])
    assert await world.there.take(agent, "b", LEASE) == TASKS[3]


async def test_who_may_renew(world: QueueWorld) -> None:
    """Who took it; after the lease's end, or when all was forgotten, too, unless it waits. What is at work counts, also
    beyond what may be: nothing more is taken then."""
    agent = uuid4()
    await offer(world.here, agent, TASKS[0])
    await world.here.take(agent, "a", LEASE)
    assert await world.there.renew(agent, [TASKS[0]], "b", LEASE) == frozenset()
    await world.time.let_pass(2 * LEASE)
    assert await world.there.renew(agent, [TASKS[0]], "a", LEASE) == {TASKS[0]}
    await world.here.forget(agent)
    await offer(world.there, agent, *TASKS[3:5])
    assert await world.here.take(agent, "b", LEASE) == TASKS[3]
    assert await world.here.renew(agent, TASKS[:3], "a", LEASE) == set(TASKS[:3])
    assert await world.there.active(agent) == 4
    for task in TASKS[:3]:
        assert await world.there.take(agent, "b", LEASE) is None
        await world.here.finish(agent, task)
    assert await world.there.take(agent, "b", LEASE) == TASKS[4]
    # A task that was let go of is nobody's.
    assert await world.there.renew(agent, [TASKS[0]], "b", LEASE) == {TASKS[0]}
    await world.time.let_pass(2 * LEASE)
    await offer(world.there, agent, TASKS[0])
    assert await world.here.renew(agent, [TASKS[0]], "b", LEASE) == frozenset()


async def test_withdrawing_and_finishing(world: QueueWorld) -> None:
    """Each works once, and only in its own state."""
    agent = uuid4()
    await offer(world.here, agent, *TASKS[:3])
    assert await world.there.withdraw(agent, TASKS[1])
    assert not await world.here.withdraw(agent, TASKS[1])
    await world.here.finish(agent, TASKS[2])
    assert await world.here.take(agent, "n", LEASE) == TASKS[0]
    assert not await world.here.withdraw(agent, TASKS[0])
    for _ in range(2):
        await world.there.finish(agent, TASKS[0])
    assert (await world.there.waiting(agent), await world.here.active(agent)) == (1, 0)
    assert await world.here.take(agent, "n", LEASE) == TASKS[2]


async def test_agents_are_apart(world: QueueWorld) -> None:
    """Queues, places at work, and the end of one."""
    one, two = uuid4(), uuid4()
    await offer(world.here, one, *TASKS[:3])
    await offer(world.here, two, *TASKS[:3])
    for _ in range(CONCURRENCY):
        assert await world.here.take(one, "n", LEASE) is not None
    assert await world.here.take(two, "n", LEASE) == TASKS[0]
    await world.there.forget(one)
    assert (await world.here.waiting(one), await world.here.active(one)) == (0, 0)
    assert (await world.here.waiting(two), await world.here.active(two)) == (2, 1)


FEW = 3
"""Places in the queue that is compared with its model: so few that it is full often."""


class Model:
    """The queue as simple as it can be said."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, int, UUID]] = []
        self.held: dict[UUID, str] = {}
        self.number = 0

    def place(self, task: UUID) -> int | None:
        return next((place for place, (_, _, other) in enumerate(self.waiting) if other == task), None)

    def offer(self, task: UUID, priority: int) -> int | None:
        if task in self.held:
            return 0
        if self.place(task) is None:
            if len(self.waiting) == FEW:
                return None
            self.number += 1
            self.waiting = sorted([*self.waiting, (-priority, self.number, task)])
        return self.place(task)

    def take(self, node: str) -> UUID | None:
        if not self.waiting or len(self.held) >= CONCURRENCY:
            return None
        task = self.waiting.pop(0)[2]
        self.held[task] = node
        return task

    def renew(self, node: str, tasks: list[UUID]) -> set[UUID]:
        for task in tasks:
            if task not in self.held and self.place(task) is None:
                self.held[task] = node
        return {task for task in tasks if self.held.get(task) == node}

    def withdraw(self, task: UUID) -> bool:
        place = self.place(task)
        if place is not None:
            del self.waiting[place]
        return place is not None


_task, _node = st.sampled_from(TASKS[:6]), st.sampled_from(["a", "b"])
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), _task, st.integers(-1, 1)),
        st.tuples(st.just("take"), _node),
        st.tuples(st.just("finish"), _task),
        st.tuples(st.just("withdraw"), _task),
        st.tuples(st.just("renew"), _node, st.lists(_task, unique=True, max_size=3)),
        st.tuples(st.just("lapse")),
        st.tuples(st.just("forget")),
    ),
    max_size=40,
)


async def step(world: QueueWorld, agent: UUID, model: Model, name: str, *arguments: Any) -> None:
    """Do the same with both, and compare."""
    queue = world.there if "b" in arguments else world.here
    match name, arguments:
        case "offer", (task, priority):
            expected = model.offer(task, priority)
            try:
                assert (await queue.offer(agent, task, priority)).ahead == expected
            except QueueFull:
                assert expected is None
        case "take", (node,):
            assert await queue.take(agent, node, LEASE) == model.take(node)
        case "renew", (node, tasks):
            assert await queue.renew(agent, tasks, node, LEASE) == model.renew(node, tasks)
        case "withdraw", (task,):
            assert await queue.withdraw(agent, task) == model.withdraw(task)
        case "finish", (task,):
            await queue.finish(agent, task)
            model.held.pop(task, None)
        case "lapse", _:
            await world.time.let_pass(2 * LEASE)
            model.held.clear()
        case _:
            await queue.forget(agent)
            model.__init__()  # type: ignore[misc]  # as new


@pytest.mark.parametrize("kind", QUEUES)
def test_whatever_happens_it_does_as_the_model(kind: str) -> None:
    """Any forty operations on six tasks, by two processes."""

    async def replay(world: QueueWorld, steps: list[tuple[Any, ...]]) -> None:
        agent, model = uuid4(), Model()
        for each in steps:
            await step(world, agent, model, *each)
            counts = await world.there.waiting(agent), await world.here.active(agent)
            assert counts == (len(model.waiting), len(model.held))
        await world.here.forget(agent)

    with asyncio.Runner() as runner:
        living = QUEUES[kind](FEW, CONCURRENCY)
        world = runner.run(living.__aenter__())
        try:

            @settings(max_examples=150, deadline=None, database=None)
            @given(steps=_steps)
            def check(steps: list[tuple[Any, ...]]) -> None:
                runner.run(replay(world, steps))

            check()
        finally:
            runner.run(living.__aexit__(None, None, None))

"""Takes tasks from agents' queues, and has them worked on: so many of one agent at once over all processes (the queue
sees to that), and so many in this process.

Nothing is polled. Who offers a task wakes the bus of its process, which takes what may be taken; when that has its
hands full, it tells the others. Who has finished a task takes the agent's next one. Tasks that nobody was told of,
because a process died, are offered again by who keeps them (`agents.runs.recovery`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog

from agents.ports import QueueFull, Signals, TaskQueue
from channels.errors import ReplyError

log = structlog.get_logger(__name__)

TOPIC: Final = "agents.bus"

RETRY: Final = 1.0
"""Seconds after which a queue that couldn't be asked is asked again."""

LOOK: Final = 0.05
"""Seconds between two looks whether an agent that is being removed is still at work. Nothing else looks."""

ENDING: Final = 5.0
"""Seconds that a task has to end after it was cancelled, when the process stops."""

Handler = Callable[[UUID, UUID], Awaitable[object]]
"""Works on a task: agent, task. Cancelling it once asks it to end in good order; it never needs to be cancelled twice
but by a process that stops."""


@dataclass(frozen=True, slots=True)
class BusOptions:
    """How a process takes part.

    Attributes:
        concurrency: tasks of one agent at work at once, over all processes.
        here: tasks of all agents at work at once in this process.
        lease: seconds after which a task whose process says nothing gives its place to another.
    """

    concurrency: int = 3
    here: int = 100
    lease: float = 30.0


@dataclass(slots=True)
class _Work:
    """A task at work here."""

    agent: UUID
    task: asyncio.Task[None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        """Ask it to end, once."""
        if not self.is_cancelled:
            self.is_cancelled = True
            self.task.cancel()


class Bus:
    """The workers of this process.

    Attributes:
        refused: tasks that found their agent's queue full.
        broken: tasks whose handler raised.

    Args:
        node: this process's name in leases.
    """

    def __init__(self, queue: TaskQueue, signals: Signals, options: BusOptions, node: str) -> None:
        self.refused = 0
        self.broken = 0
        self._queue = queue
        self._signals = signals
        self._options = options
        self._node = node
        self._handler: Handler | None = None
        self._taking = 0
        self._due: dict[UUID, None] = {}
        self._work: dict[UUID, _Work] = {}
        self._kick = asyncio.Event()
        self._upkeep: list[asyncio.Task[None]] = []
        signals.listen(TOPIC, self._hear)

    # Tasks.

    async def offer(self, agent: UUID, task: UUID, priority: int = 0) -> int:
        """Put a task in an agent's queue, without waking anybody; return how many come before it: 0 when it can be
        taken at once. Offering it again changes nothing.

        Raises:
            QueueFull: it has no room.
            ReplyError: `unavailable`.
        """
        try:
            place = await self._queue.offer(agent, task, priority)
        except QueueFull:
            self.refused += 1
            raise
        before = place.ahead + await self._queue.active(agent)
        return before if before >= self._options.concurrency else 0

    async def take(self, agent: UUID, task: UUID) -> bool:
        """Take an agent's next task, if this process has room; tell whether `task`, which was just offered, is at work
        here now. So who makes a task can begin it in the same transaction.

        Raises:
            ReplyError: `unavailable`.
        """
        if self._handler is not None and self._has_room():
            self._taking += 1
            try:
                taken = await self._queue.take(agent, self._node, self._options.lease)
            finally:
                self._taking -= 1
            if taken is not None:
                self._begin(agent, taken)
        return task in self._work

    async def submit(self, agent: UUID, task: UUID, priority: int = 0) -> int:
        """Offer a task, and have it worked on as soon as may be."""
        ahead = await self.offer(agent, task, priority)
        self.wake(agent)
        return ahead

    def wake(self, agent: UUID) -> None:
        """Have the tasks of an agent worked on: here, or elsewhere when this process stops or has its hands full."""
        if self._handler is None or not self._has_room():
            self._signals.tell(TOPIC, {"agent": str(agent)})
        self._look(agent)

    async def withdraw(self, agent: UUID, task: UUID) -> bool:
        """Take a task out of the queue; `False` when it isn't there, or when the queue can't be reached: who is given
        the task then has to find that it isn't to be done any more."""
        try:
            return await self._queue.withdraw(agent, task)
        except ReplyError as error:
            log.warning("a task can't be taken out of its queue", run_id=str(task), reason=error.message)
            return False

    async def cancel(self, agent: UUID | None, task: UUID) -> None:
        """Take a task out of the queue, or ask who works on it, here or elsewhere, to end."""
        if agent is not None and await self.withdraw(agent, task):
            return
        if not self.cancel_here(task):
            self._signals.tell(TOPIC, {"cancel": str(task)})

    def cancel_here(self, task: UUID) -> bool:
        """Ask a task to end, if it is worked on here."""
        work = self._work.get(task)
        if work is not None:
            work.cancel()
        return work is not None

    async def is_idle(self, agent: UUID, patience: float) -> bool:
        """Wait until nothing of an agent is at work in any process, `patience` seconds at most; tell whether it is so.

        Raises:
            ReplyError: `unavailable`.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        while await self._queue.active(agent):
            if loop.time() >= deadline:
                return False
            await asyncio.sleep(LOOK)
        return True

    async def forget(self, agent: UUID) -> None:
        """Drop the queue of an agent that is removed.

        Raises:
            ReplyError: `unavailable`.
        """
        await self._queue.forget(agent)

    # The process.

    @property
    def working(self) -> frozenset[UUID]:
        """Tasks at work here."""
        return frozenset(self._work)

    def start(self, handler: Handler) -> None:
        """Begin to take tasks."""
        self._handler = handler
        self._upkeep = [
            asyncio.create_task(self._take_on(), name="bus takes tasks"),
            asyncio.create_task(self._renew_on(), name="bus renews leases"),
        ]

    async def stop(self, grace: float) -> None:
        """Take nothing more. What is at work has `grace` seconds, is then cancelled, and has `ENDING` seconds more.
        What waits goes on waiting for another process."""
        self._handler = None
        if self._upkeep:
            self._upkeep[0].cancel()
        await self._ended(grace)
        for work in self._work.values():
            work.cancel()
        await self._ended(ENDING)
        for work in self._work.values():
            work.task.cancel()
        await self._ended(ENDING)
        for upkeep in self._upkeep:
            upkeep.cancel()
        await asyncio.gather(*self._upkeep, return_exceptions=True)

    async def _ended(self, seconds: float) -> None:
        if self._work and seconds > 0:
            await asyncio.wait([work.task for work in self._work.values()], timeout=seconds)

    def _has_room(self) -> bool:
        return len(self._work) + self._taking < self._options.here

    def _hear(self, word: Mapping[str, Any]) -> None:
        if "agent" in word:
            self._look(UUID(word["agent"]))
        if "cancel" in word:
            self.cancel_here(UUID(word["cancel"]))

    def _look(self, agent: UUID) -> None:
        self._due[agent] = None
        self._kick.set()

    async def _take_on(self) -> None:
        while True:
            await self._kick.wait()
            self._kick.clear()
            try:
                await self._take_what_is_due()
            except ReplyError as error:
                log.warning("the queue of tasks can't be read", reason=error.message)
                asyncio.get_running_loop().call_later(RETRY, self._kick.set)

    async def _take_what_is_due(self) -> None:
        """Take one task of each agent in turn, until there are no more or this process has its hands full."""
        while self._due and self._has_room():
            agent = next(iter(self._due))
            # Before asking: who offers one meanwhile puts the agent back.
            del self._due[agent]
            try:
                task = await self._queue.take(agent, self._node, self._options.lease)
            except ReplyError:
                self._due[agent] = None
                raise
            if task is not None:
                self._due[agent] = None
                self._begin(agent, task)

    def _begin(self, agent: UUID, task: UUID) -> None:
        if task not in self._work:
            running = asyncio.create_task(self._run(agent, task), name="run of an agent")
            self._work[task] = _Work(agent, running)

    async def _run(self, agent: UUID, task: UUID) -> None:
        handler = self._handler
        try:
            if handler is not None:
                await handler(agent, task)
        except asyncio.CancelledError:
            log.info("a task was cancelled", run_id=str(task))
        except ReplyError as error:
            log.warning("a task can't be worked on", run_id=str(task), reason=error.message)
        except Exception:
            self.broken += 1
            log.exception("a task broke off", run_id=str(task))
        finally:
            del self._work[task]
            await self._finish(agent, task)
            self.wake(agent)

    async def _finish(self, agent: UUID, task: UUID) -> None:
        try:
            await self._queue.finish(agent, task)
        except ReplyError as error:
            log.warning("a task's place is free only when its lease ends", run_id=str(task), reason=error.message)

    async def _renew_on(self) -> None:
        while True:
            await asyncio.sleep(self._options.lease / 3)
            by_agent: dict[UUID, list[UUID]] = {}
            for task, work in self._work.items():
                by_agent.setdefault(work.agent, []).append(task)
            for agent, tasks in by_agent.items():
                try:
                    await self._queue.renew(agent, tasks, self._node, self._options.lease)
                except ReplyError as error:
                    log.warning("leases of tasks can't be renewed", agent_id=str(agent), reason=error.message)

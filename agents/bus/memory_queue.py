"""Tasks that wait for agents, in the memory of one process."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final, NamedTuple
from uuid import UUID

from agents.ports import Place, QueueFull

RETRY: Final = (1.0, 30.0)
"""Seconds after which who found no room is told to come again: at least, and at most."""

RECENT: Final = 0.2
"""Weight of the newest task in the mean time that an agent's tasks take: about the last ten count."""


def retry_after(mean: float, concurrency: int) -> float:
    """Return the seconds until a place in a full queue is likely to be free.

    Args:
        mean: seconds that a task takes; 0 when none has ended yet.
        concurrency: tasks at work at once.
    """
    shortest, longest = RETRY
    return min(longest, max(shortest, mean / concurrency))


class _Waiting(NamedTuple):
    """A task's place: they are served in this order."""

    descending_priority: int
    number: int
    task: UUID


class _Lease(NamedTuple):
    """Who works on a task: since when, and until when it counts. Times in seconds of the queue's clock."""

    node: str
    since: float
    until: float


@dataclass(slots=True)
class _Line:
    """One agent's tasks. `mean` is of the seconds that they took."""

    waiting: list[_Waiting] = field(default_factory=list)
    leases: dict[UUID, _Lease] = field(default_factory=dict)
    mean: float = 0.0

    def place(self, task: UUID) -> int | None:
        """Where a task waits."""
        return next((place for place, waiting in enumerate(self.waiting) if waiting.task == task), None)

    def expire(self, now: float) -> None:
        """Give the places of leases that have ended back."""
        for task in [task for task, lease in self.leases.items() if lease.until <= now]:
            del self.leases[task]


class MemoryQueue:
    """A task queue of one process.

    A lease that has ended gives its place back. Who held it may still renew it, unless the task was offered again: so a
    process that was held up for a while goes on with what it does. It counts then even where its place was given away,
    because it is at work, and nothing more is taken until there is room again.

    Args:
        limit: tasks of one agent that may wait.
        concurrency: tasks of one agent that may be at work.
        now: seconds, any monotonic clock.
    """

    def __init__(self, limit: int, concurrency: int, now: Callable[[], float]) -> None:
        self._limit = limit
        self._concurrency = concurrency
        self._now = now
        self._lines: dict[UUID, _Line] = {}
        self._numbers = count()

    def _line(self, agent: UUID) -> _Line:
        line = self._lines.get(agent) or _Line()
        line.expire(self._now())
        return line

    def _keep(self, agent: UUID, line: _Line) -> None:
        """Remember a line as long as there is something in it."""
        if line.waiting or line.leases:
            self._lines[agent] = line
        else:
            self._lines.pop(agent, None)

    async def offer(self, agent: UUID, task: UUID, priority: int = 0) -> Place:
        line = self._line(agent)
        if task in line.leases:
            return Place(0)
        if (place := line.place(task)) is not None:
            return Place(place)
        if len(line.waiting) >= self._limit:
            raise QueueFull(self._limit, retry_after(line.mean, self._concurrency))
        waiting = _Waiting(-priority, next(self._numbers), task)
        insort(line.waiting, waiting)
        self._keep(agent, line)
        return Place(bisect_left(line.waiting, waiting))

    async def take(self, agent: UUID, node: str, lease: float) -> UUID | None:
        line = self._line(agent)
        task = None
        if line.waiting and len(line.leases) < self._concurrency:
            task = line.waiting.pop(0).task
            now = self._now()
            line.leases[task] = _Lease(node, now, now + lease)
        self._keep(agent, line)
        return task

    async def renew(self, agent: UUID, tasks: Sequence[UUID], node: str, lease: float) -> frozenset[UUID]:
        line, now = self._line(agent), self._now()
        held = set()
        for task in tasks:
            known = line.leases.get(task)
            if line.place(task) is not None or (known is not None and known.node != node):
                continue
            line.leases[task] = _Lease(node, known.since if known else now, now + lease)
            held.add(task)
        self._keep(agent, line)
        return frozenset(held)

    async def finish(self, agent: UUID, task: UUID) -> None:
        line = self._line(agent)
        lease = line.leases.pop(task, None)
        if lease is not None:
            seconds = self._now() - lease.since
            line.mean = line.mean + RECENT * (seconds - line.mean) if line.mean else seconds
        self._keep(agent, line)

    async def withdraw(self, agent: UUID, task: UUID) -> bool:
        line = self._line(agent)
        place = line.place(task)
        if place is not None:
            del line.waiting[place]
        self._keep(agent, line)
        return place is not None

    async def waiting(self, agent: UUID) -> int:
        return len(self._line(agent).waiting)

    async def active(self, agent: UUID) -> int:
        return len(self._line(agent).leases)

    async def forget(self, agent: UUID) -> None:
        self._lines.pop(agent, None)

"""Tasks that wait for agents, in Redis: any process offers them, any takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from secrets import token_hex
from typing import Final
from uuid import UUID

from agents.bus.memory_queue import RECENT, retry_after
from agents.ports import Place, QueueFull
from channels.redis.backbone import Backbone
from channels.redis.script import Call, Reply, Script

_PACKAGE: Final = "agents.redis"

OFFER: Final = Script("queue_offer", _PACKAGE)
TAKE: Final = Script("queue_take", _PACKAGE)
RENEW: Final = Script("queue_renew", _PACKAGE)
FINISH: Final = Script("queue_finish", _PACKAGE)
WITHDRAW: Final = Script("queue_withdraw", _PACKAGE)
COUNTS: Final = Script("queue_counts", _PACKAGE)
FORGET: Final = Script("queue_forget", _PACKAGE)

LIFE: Final = 7 * 86_400_000
"""Milliseconds after which Redis drops a queue that nobody has touched. What still waits then is offered again by
whoever looks after the tasks in the database."""

NUMBERS: Final = 2**37
"""Tasks of one agent in its queue's life, per priority: an order is a priority times this and a number below it. All
orders of 16-bit priorities stay within the 53 bits that Redis' scores hold exactly."""

PRIORITY_MAX: Final = 2**15 - 1
"""Priorities beyond it, above or below zero, count as it."""


def random_mark() -> bytes:
    """Make a mark by which a call that is sent again knows itself: 64 random bits."""
    return token_hex(8).encode()


class RedisQueue:
    """A task queue over all processes, on the clock of Redis.

    The keys of one agent are in one slot of a cluster. A lease that has ended gives its place back. Who held it may
    still renew it, unless the task was offered again: so running tasks outlive an absence of Redis, and the loss of its
    data. They count then even where their places were given away, because they are at work, and nothing more is taken
    until there is room again.

    A call whose answer was lost is sent again. It does no harm, but `withdraw` says `False` then although it has taken
    the task out, and a task that was offered, taken and finished in that moment waits once more.

    All methods raise `ReplyError` (`unavailable`) while Redis is away.

    Args:
        limit: tasks of one agent that may wait.
        concurrency: tasks of one agent that may be at work.
    """

    def __init__(
        self, backbone: Backbone, limit: int, concurrency: int, new_mark: Callable[[], bytes] = random_mark
    ) -> None:
        self._backbone = backbone
        self._limit = limit
        self._concurrency = concurrency
        self._new_mark = new_mark

    def _keys(self, agent: UUID) -> tuple[bytes, bytes, bytes]:
        """Return the names of an agent's waiting tasks, leases and book."""
        begin = self._backbone.keys.group("queue", str(agent))
        return begin + b":waiting", begin + b":leases", begin + b":book"

    async def _call(self, script: Script, keys: tuple[bytes, ...], *arguments: bytes | int) -> Reply:
        return await self._backbone.queries.call(Call(script, keys, arguments))

    async def offer(self, agent: UUID, task: UUID, priority: int = 0) -> Place:
        order = -max(-PRIORITY_MAX, min(PRIORITY_MAX, priority)) * NUMBERS
        done, number = await self._call(OFFER, self._keys(agent), _packed(task), order, self._limit, LIFE)
        if not done:
            raise QueueFull(self._limit, retry_after(number / 1000, self._concurrency))
        return Place(number)

    async def take(self, agent: UUID, node: str, lease: float) -> UUID | None:
        arguments = (node.encode(), self._new_mark(), _milliseconds(lease), self._concurrency, LIFE)
        task = await self._call(TAKE, self._keys(agent), *arguments)
        return None if task is None else UUID(task.decode())

    async def renew(self, agent: UUID, tasks: Sequence[UUID], node: str, lease: float) -> frozenset[UUID]:
        arguments = (node.encode(), _milliseconds(lease), LIFE)
        held = await self._call(RENEW, self._keys(agent), *arguments, *map(_packed, tasks))
        return frozenset(UUID(task.decode()) for task in held)

    async def finish(self, agent: UUID, task: UUID) -> None:
        await self._call(FINISH, self._keys(agent)[1:], _packed(task), str(RECENT).encode())

    async def withdraw(self, agent: UUID, task: UUID) -> bool:
        return bool(await self._call(WITHDRAW, self._keys(agent)[:1], _packed(task)))

    async def waiting(self, agent: UUID) -> int:
        return int((await self._call(COUNTS, self._keys(agent)[:2]))[0])

    async def active(self, agent: UUID) -> int:
        return int((await self._call(COUNTS, self._keys(agent)[:2]))[1])

    async def forget(self, agent: UUID) -> None:
        await self._call(FORGET, self._keys(agent))


def _packed(task: UUID) -> bytes:
    return str(task).encode()


def _milliseconds(seconds: float) -> int:
    return max(1, round(1000 * seconds))

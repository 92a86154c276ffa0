"""The same read, asked for by many at once, is done once: a hundred tabs that come back together cost what two do.

Who asks may be given only what was read after that. So a read that is under way is no answer; the next one is, which
begins when that has ended, for all who have asked by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Queue(Generic[T]):
    """Reads of one thing.

    Attributes:
        turn: held by the one that is under way.
        next: the one that hasn't begun.
    """

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    next: asyncio.Task[T] | None = None


class Together(Generic[T]):
    """Reads by key. Of each, one is under way and one waits, at most."""

    def __init__(self) -> None:
        self._queues: dict[Hashable, _Queue[T]] = {}

    async def read(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """Return what a read gives that begins now or later.

        Args:
            key: what is read; reads of one key give the same.

        Raises:
            Exception: what the read raises, to all who have asked for it.
        """
        queue = self._queues.setdefault(key, _Queue())
        if queue.next is None:
            queue.next = asyncio.create_task(self._read(key, queue, read), name="a read for many")
            queue.next.add_done_callback(_take_note)
        # Who gives up doesn't take it away from the others.
        return await asyncio.shield(queue.next)

    async def _read(self, key: Hashable, queue: _Queue[T], read: Callable[[], Awaitable[T]]) -> T:
        async with queue.turn:
            queue.next = None
            try:
                return await read()
            finally:
                if queue.next is None:
                    self._queues.pop(key, None)

    def __len__(self) -> int:
        """How many things are being read."""
        return len(self._queues)


def _take_note(task: asyncio.Task[Any]) -> None:
    """Nobody may be left who wants to know of a failure."""
    if not task.cancelled():
        task.exception()

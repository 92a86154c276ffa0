"""Calls from many callers at once, joined into few round trips."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from channels.errors import ErrorCode, ReplyError
from channels.redis.connection import Lost
from channels.redis.pipeline import Pipeline
from channels.redis.script import Call, Reply

BATCH: Final = 512
"""Most calls in one round trip: bounds how long one caller waits for the others."""

WAITING_MAX: Final = 50_000
"""Most calls that may wait; more are refused at once."""

log = structlog.get_logger(__name__)

_Waiting = tuple[Call, asyncio.Future[Reply]]


def away() -> ReplyError:
    """The answer to who needs Redis while it is away. It doesn't say where Redis is; the log does."""
    return ReplyError(ErrorCode.UNAVAILABLE, "Redis is away; try again in a moment", retry_after=1)


def unavailable(reason: object) -> ReplyError:
    """The answer to who needs Redis and doesn't get it. What Redis said itself is for the log: it may name hosts."""
    if isinstance(reason, Lost):
        return away()
    if isinstance(reason, Exception):
        log.error("redis refused a call", error=str(reason))
        return ReplyError(ErrorCode.UNAVAILABLE, "Redis refused; the hub's log says why")
    return ReplyError(ErrorCode.UNAVAILABLE, f"Redis is away; try again in a moment ({reason})")


class Queries:
    """Runs calls that may be lost or repeated without harm. What comes while a round trip is under way makes the next.

    Args:
        pipeline: used by nobody else.
        is_away: tells whether Redis is known to be away: then one caller at a time tries, and the others needn't wait.
    """

    def __init__(self, pipeline: Pipeline, is_away: Callable[[], bool] = lambda: False) -> None:
        self._pipeline = pipeline
        self._is_away = is_away
        self._trying = False
        self._waiting: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._ended = False

    async def call(self, call: Call) -> Reply:
        """Run one call and return its reply. Tried once more when the connection turns out to be dead.

        Raises:
            ReplyError: `unavailable`: Redis is away or has refused the call, too many wait, or the hub stops.
        """
        if self._ended:
            raise unavailable("the hub is stopping")
        if self._trying and self._is_away():
            raise away()
        if len(self._waiting) >= WAITING_MAX:
            raise unavailable(f"{WAITING_MAX} calls wait already")
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, future))
        self._wake.set()
        return await future

    async def run(self) -> None:
        """Work until cancelled. Exactly one task runs this. Who waits then, or calls later, gets `unavailable`."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                    await self._answer([(call, future) for call, future in batch if not future.done()])
        finally:
            self._ended = True
            self._refuse(self._waiting, "the hub is stopping")
            await self._pipeline.close()

    async def _answer(self, batch: list[_Waiting]) -> None:
        if not batch:
            return
        self._trying = True
        try:
            replies = await self._try_twice([call for call, _ in batch])
        except BaseException:
            self._refuse(batch, "the hub is stopping")
            raise
        finally:
            self._trying = False
        for (_, future), reply in zip(batch, replies, strict=True):
            if future.done():
                continue
            if isinstance(reply, Exception):
                future.set_exception(unavailable(reply))
            else:
                future.set_result(reply)
        if all(isinstance(reply, Lost) for reply in replies):
            # The others would wait for the same timeouts, batch after batch.
            waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
            self._refuse(waiting, replies[0])

    def _refuse(self, waiting: Iterable[_Waiting], reason: object) -> None:
        for _, future in waiting:
            if not future.done():
                future.set_exception(unavailable(reason))

    async def _try_twice(self, calls: list[Call]) -> list[Reply]:
        replies = await self._pipeline.attempt(calls)
        lost = [number for number, reply in enumerate(replies) if isinstance(reply, Lost)]
        if lost:
            again = await self._pipeline.attempt([calls[number] for number in lost])
            for number, reply in zip(lost, again, strict=True):
                replies[number] = reply
        return replies

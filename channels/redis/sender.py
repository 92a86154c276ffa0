"""Publishes in order, each once, also over lost connections: the spool.

What is accepted stays in one queue until Redis has answered for it. The newest part of the queue is on its way as one
pipeline; when that is lost, the same calls go again, and the script recognises those that it had done
(`scripts/publish.lua`, key 3). Nothing overtakes: while a pipeline is under way, later publishes wait for the next.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import structlog

from channels.errors import ErrorCode, ReplyError
from channels.model import Position, Published
from channels.redis.backoff import Backoff
from channels.redis.connection import Lost
from channels.redis.pipeline import Pipeline
from channels.redis.script import Call, Reply

log = structlog.get_logger(__name__)

BATCH: Final = 256
BATCH_BYTES: Final = 1 << 20
"""Most publishes, and bytes of them, in one pipeline. We and the server take turns, so long batches gain nothing."""

PUBLISHERS_MAX: Final = 100_000
"""Channels whose last publish is remembered; for the others the script takes any number as the next."""


class Outcome(IntEnum):
    """What the script did."""

    PUBLISHED = 0
    DUPLICATE = 1
    SUPERSEDED = 2
    OUT_OF_ORDER = 3


@dataclass(slots=True, eq=False)
class Pending:
    """A publish that is not done yet.

    Attributes:
        call: makes the call, of its own number and that of the publish before it on the channel.
        since: when it was accepted, on the loop's clock.
        future: its answer; or a cancelled one, when nobody waits any more.
        reached: subscribers in this process; `None` until the listener has been called.
        answer: what Redis said of it.
    """

    channel: str
    size: int
    call: Callable[[int, int], Call]
    since: float
    future: asyncio.Future[Published]
    reached: int | None = None
    answer: Published | None = None
    built: Call | None = None
    number: int = 0

    def resolve(self) -> None:
        """Answer, once Redis and the listener have both had it."""
        answer = self.answer
        if answer is None or self.future.done():
            return
        if answer.duplicate or answer.superseded:
            self.future.set_result(answer)
        elif self.reached is not None:
            self.future.set_result(Published(answer.position, self.reached))

    def refuse(self, error: ReplyError) -> None:
        """Answer with an error."""
        if not self.future.done():
            self.future.set_exception(error)


@dataclass(slots=True)
class _Chain:
    """What was published on a channel from here.

    Attributes:
        last: number of the publish that was made last; 0: any may come next.
        done: number of the last one that Redis has acknowledged, in which epoch, and when on the loop's clock.
    """

    last: int = 0
    done: int = 0
    epoch: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Spool:
    """How much may wait for Redis.

    Attributes:
        refuse: accept nothing while Redis is known to be away.
        wait: seconds after which a publish that waits is answered as queued.
    """

    publications: int = 100_000
    size: int = 64 << 20
    refuse: bool = False
    wait: float = 2.0


class Sender:
    """The queue of publishes, and the one task that works it off.

    Args:
        pipeline: used by nobody else.
        on_link: told whenever Redis answers again (`True`), or doesn't any more.
        renew: makes the call that ends an epoch of a channel.
        memory: seconds for which Redis surely remembers what was published from here.

    Attributes:
        available: Redis has answered the last pipeline.
        resent: publishes that were sent again, since it wasn't known whether they had been done.
        dropped: publishes that Redis refused after they had been answered as queued.
        setbacks: times that Redis was found to have lost what it had acknowledged.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        spool: Spool,
        backoff: Backoff,
        on_link: Callable[[bool, str], None],
        renew: Callable[[str, str], Call],
        memory: float = 300.0,
    ) -> None:
        self.available = True
        self.resent = 0
        self.dropped = 0
        self.setbacks = 0
        self._renew = renew
        self._memory = memory
        self._pipeline = pipeline
        self._spool = spool
        self._backoff = backoff
        self._on_link = on_link
        self._queue: deque[Pending] = deque()
        self._bytes = 0
        self._number = 0
        self._chains: dict[str, _Chain] = {}
        self._doubtful: dict[str, str] = {}
        self._wake = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def queued_bytes(self) -> int:
        """Bytes of what waits."""
        return self._bytes

    def put(self, pending: Pending, away: bool = False) -> None:
        """Accept a publish.

        Args:
            away: Redis is known to be away, so that it needn't be waited for.

        Raises:
            ReplyError: `unavailable`; it was not accepted.
        """
        spool = self._spool
        if spool.refuse and (away or not self.available):
            raise ReplyError(ErrorCode.UNAVAILABLE, "Redis is away, and redis.when_away is refuse; publish again later")
        if len(self._queue) >= spool.publications or self._bytes + pending.size > spool.size:
            message = (
                f"{len(self._queue)} publications ({self._bytes} bytes) wait for Redis, which is the limit "
                "(redis.spool_publications, redis.spool_bytes); publish again later"
            )
            raise ReplyError(ErrorCode.UNAVAILABLE, message)
        self._queue.append(pending)
        self._bytes += pending.size
        if away:
            pending.future.set_result(Published(None, queued=True))
        self._empty.clear()
        self._wake.set()

    async def drained(self) -> None:
        """Wait until nothing waits for Redis."""
        await self._empty.wait()

    async def run(self) -> None:
        """Work until cancelled. Exactly one task runs this."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._queue:
                    await self._send(self._next())
                self._empty.set()
        finally:
            await self._pipeline.close()

    def answer_late(self, before: float) -> None:
        """Answer those that were accepted before a time, on the loop's clock, as queued."""
        for pending in self._queue:
            if pending.since > before:
                break
            if not pending.future.done():
                pending.future.set_result(Published(None, queued=True))

    def _next(self) -> list[Pending]:
        batch: list[Pending] = []
        size = 0
        for pending in self._queue:
            size += pending.size
            if batch and (len(batch) == BATCH or size > BATCH_BYTES):
                break
            batch.append(pending)
        return batch

    async def _send(self, batch: list[Pending]) -> None:
        replies = await self._insist([pending.built or self._build(pending) for pending in batch])
        for _ in batch:
            self._queue.popleft()
        again = [pending for pending, reply in zip(batch, replies, strict=True) if not self._done(pending, reply)]
        self._bytes -= sum(pending.size for pending in batch) - sum(pending.size for pending in again)
        self._queue.extendleft(reversed(again))
        if self._doubtful:
            doubtful, self._doubtful = self._doubtful, {}
            await self._insist([self._renew(channel, epoch) for channel, epoch in doubtful.items()])

    async def _insist(self, calls: list[Call]) -> list[Reply]:
        while True:
            try:
                replies = await self._pipeline.run(calls)
            except Lost as error:
                self._say(False, str(error))
                self.resent += len(calls)
                await self._backoff.pause()
            else:
                self._backoff.reset()
                self._say(True, "")
                return replies

    def _build(self, pending: Pending) -> Call:
        self._number += 1
        chain = self._chains.pop(pending.channel, None) or _Chain()
        self._chains[pending.channel] = chain
        if len(self._chains) > PUBLISHERS_MAX:
            del self._chains[next(iter(self._chains))]
        before, chain.last = chain.last, self._number
        pending.number = self._number
        pending.built = pending.call(self._number, before)
        return pending.built

    def _done(self, pending: Pending, reply: Reply) -> bool:
        """Take a reply; `False` when the publish must be sent again."""
        if isinstance(reply, Exception):
            if pending.future.done() and not pending.future.cancelled():
                self.dropped += 1
                log.error("queued publication refused", channel=pending.channel, error=str(reply))
            pending.refuse(ReplyError(ErrorCode.UNAVAILABLE, f"Redis refused to publish: {reply}"))
            return True
        outcome, epoch, offset = reply
        chain = self._chains.get(pending.channel)
        if outcome == Outcome.OUT_OF_ORDER:
            # One before it was refused, or Redis has lost what came before: it is the first now.
            pending.built = None
            if chain is not None:
                self._begin_anew(pending.channel, chain, offset)
            return False
        position = Position(epoch.decode(), offset) if epoch else None
        if chain is not None and position is not None:
            chain.done, chain.epoch, chain.at = pending.number, position.epoch, asyncio.get_running_loop().time()
        pending.answer = Published(
            position, 0, duplicate=outcome == Outcome.DUPLICATE, superseded=outcome == Outcome.SUPERSEDED
        )
        pending.resolve()
        return True

    def _begin_anew(self, channel: str, chain: _Chain, last_done: int) -> None:
        """Let any publish come next; if Redis doesn't know what it has acknowledged, its offsets are worth nothing."""
        known = asyncio.get_running_loop().time() - chain.at < self._memory
        if last_done < chain.done and known:
            self.setbacks += 1
            self._doubtful[channel] = chain.epoch
            log.error("redis has lost publications that it had acknowledged", channel=channel)
        chain.last = chain.done = 0

    def _say(self, available: bool, reason: str) -> None:
        if available != self.available:
            self.available = available
            self._on_link(available, reason)

"""`notify_channel` and `notify_user`: say what happened, from any code, and go on.

Callable from coroutines of any loop, from threads, from signal handlers, before the hub starts and after it stopped.
The data is encoded at once, so the caller may change it afterwards. Nothing here blocks or raises: what can't be taken
is counted. The order of one caller's calls is kept.

Before the start, notifications wait (bounded) and are published when the hub is there. In a process without a hub they
wait until the queue is full and are then dropped and counted; services that run beside a hub use `tocsin-client`.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Coroutine, Generator
from typing import Any, Final

import orjson
import structlog
from pydantic import BaseModel

from channels.engine import Engine
from channels.model import user_channel
from hub.notifications import Delivery, Notification, tell

log = structlog.get_logger(__name__)

LINGER: Final = 0.001
"""Seconds that the consumer looks for more before it has to be woken again: waking costs the caller a system call."""

FAIRNESS: Final = 200
"""Notifications published before the loop gets a turn; so many are under way at once where publishing has to wait."""

RETRY: Final = (0.1, 2.0)
"""Seconds between two tries while the broker is away: at first, and at most. Each time it is twice as long."""

_OPTIONS: Final = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z


class Outcome(Coroutine[Any, Any, bool]):
    """Whether a notification was taken. Need not be awaited; awaiting it, in any loop or by `asyncio.run`, never
    waits."""

    __slots__ = ("accepted",)

    def __init__(self, accepted: bool) -> None:
        self.accepted = accepted

    def __bool__(self) -> bool:
        return self.accepted

    def __await__(self) -> Generator[Any, None, bool]:
        yield from ()
        return self.accepted

    def send(self, value: Any) -> Any:
        raise StopIteration(self.accepted)

    def throw(self, *exc_info: Any) -> Any:
        error = exc_info[0]
        raise error if isinstance(error, BaseException) else error()

    def close(self) -> None:
        return None


ACCEPTED: Final = Outcome(True)
REFUSED: Final = Outcome(False)


class Inbox:
    """A bounded queue between any thread and the hub's loop.

    Args:
        limit: notifications that may wait.
        limit_bytes: bytes of data that may wait.

    Attributes:
        outcomes: how many were `accepted`, `published`, `full` (dropped: the queue was full), `unencodable` (dropped:
            not JSON), `refused` (by the channel: unknown, schema, rate) or `failed` (a fault).
        retries: how often one had to wait on because the broker was away.
    """

    def __init__(self, limit: int = 10_000, limit_bytes: int = 64 << 20) -> None:
        self.outcomes: Counter[str] = Counter()
        self.retries = 0
        self.limit = limit
        self.limit_bytes = limit_bytes
        self._queue: deque[Notification] = deque()
        self._bytes = 0
        # Re-entrant: a signal handler may notify while the same thread is inside.
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._awake = False
        self._publishing = asyncio.Lock()
        self._delivery = Delivery(self.outcomes)

    def put(self, channel: str, type: str, data: Any, key: str | None = None) -> Outcome:
        """Take a notification, or count why not. Any thread; never blocks, never raises."""
        try:
            encoded = orjson.dumps(data, _default, _OPTIONS)
            if not (isinstance(channel, str) and isinstance(type, str) and isinstance(key, str | None)):
                raise TypeError("channel and type must be strings")
            for text in (channel, type, key or ""):
                text.encode()  # not every string can go out: a lone surrogate can't
        except Exception as error:
            return self._unencodable(channel, error)
        size = len(encoded)
        with self._lock:
            if len(self._queue) >= self.limit or self._bytes + size > self.limit_bytes:
                self.outcomes["full"] += 1
                return REFUSED
            self._queue.append(Notification(channel, type, encoded, time.time(), key))
            self._bytes += size
            self.outcomes["accepted"] += 1
            wake = not self._awake and self._loop is not None
            self._awake = self._awake or wake
        if wake:
            self._wake_up()
        return ACCEPTED

    def _unencodable(self, channel: object, error: Exception) -> Outcome:
        with self._lock:
            self.outcomes["unencodable"] += 1
            first = self.outcomes["unencodable"] == 1
        if first:
            tell("notification dropped: it is not JSON", channel=channel, error=error)
        return REFUSED

    def _wake_up(self) -> None:
        loop, wake = self._loop, self._wake
        try:
            if loop is not None and wake is not None:
                loop.call_soon_threadsafe(wake.set)
        except RuntimeError:  # the loop was closed a moment ago; what waits is kept for the next start
            self._awake = False

    def attach(self) -> None:
        """Connect to the running loop; notifications that wait are published from now on by `run`."""
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._publishing = asyncio.Lock()
        with self._lock:
            self._awake = bool(self._queue)
        if self._awake:
            self._wake.set()

    def detach(self) -> None:
        """Disconnect from the loop: the hub has stopped."""
        with self._lock:
            self._loop = self._wake = None
            self._awake = False

    async def run(self, engine: Engine) -> None:
        """Publish what comes, in order, until cancelled. Exactly one task runs this, after `attach`."""
        wake = self._wake
        assert wake is not None, "attach comes first"
        while True:
            await wake.wait()
            wake.clear()
            pause = RETRY[0]
            while not self._fall_asleep():
                if await self._publish_waiting(engine):
                    pause = RETRY[0]
                    await asyncio.sleep(0 if self._queue else LINGER)
                else:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, RETRY[1])

    def _fall_asleep(self) -> bool:
        """Ask to be woken by the next notification, unless there is one already."""
        with self._lock:
            # In this order: a signal handler that notifies between any two of these steps is not overlooked.
            self._awake = False
            if not self._queue:
                return True
            self._awake = True
            return False

    async def _publish_waiting(self, engine: Engine) -> bool:
        """Publish what waits now; tell whether the broker took it. What it didn't take waits on, in its old place."""
        # One at a time: `run` and `drain` may meet, and the order is kept.
        async with self._publishing:
            # What waits now and no more: stopping must come to an end, however fast more is notified meanwhile.
            waiting = len(self._queue)
            while waiting > 0:
                turn = self._take(min(waiting, FAIRNESS))
                waiting -= len(turn)
                left = await self._delivery.publish(engine, turn)
                if left:
                    self._put_back(left)
                    return False
                if waiting > 0:
                    await asyncio.sleep(0)
            return True

    def _take(self, number: int) -> list[Notification]:
        with self._lock:
            turn = [self._queue.popleft() for _ in range(number)]
            self._bytes -= sum(len(notification.data) for notification in turn)
        return turn

    def _put_back(self, notifications: list[Notification]) -> None:
        with self._lock:
            self._queue.extendleft(reversed(notifications))
            self._bytes += sum(len(notification.data) for notification in notifications)
        self.retries += len(notifications)

    async def drain(self, engine: Engine) -> None:
        """Publish everything that waits now, and what `run` has begun with; used when the hub stops.

        While the broker is away they wait on, for a hub that starts later in this process.
        """
        if not await self._publish_waiting(engine):
            log.warning("notifications are left: the broker is away", notifications=len(self._queue))

    def forget_parent(self) -> None:
        """Begin anew in a forked process: loop and queue are the parent's, and a thread of its may hold the lock."""
        self._lock = threading.RLock()
        self._queue = deque()
        self._bytes = 0
        self.detach()

    def __len__(self) -> int:
        return len(self._queue)


def _default(value: Any) -> Any:
    """Encode what orjson doesn't know by itself."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, set | frozenset):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


INBOX: Final = Inbox()
"""The process's own inbox, used by the functions below; the hub that runs in this process attaches to it."""

os.register_at_fork(after_in_child=INBOX.forget_parent)


def notify_channel(channel: str, type: str, data: Any) -> Outcome:
    """Publish `data` on a channel, without waiting.

    Args:
        channel: a channel's name, such as `Channels.SYSTEM_ALERTS`.
        type: the publication's type, such as `pool_resized`.
        data: anything that is JSON, a dataclass, or a pydantic model such as those of `channels.messages`.

    Returns:
        Whether it was taken; it may be ignored or awaited.
    """
    return INBOX.put(channel, type, data)


def notify_user(user_id: str, type: str, data: Any) -> Outcome:
    """Publish `data` on the channel that only this user sees, without waiting. See `notify_channel`."""
    return INBOX.put(user_channel(user_id) if isinstance(user_id, str) else "", type, data)

"""The bounded queue between the threads that notify and the one that sends."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterable
from typing import NamedTuple

from tocsin_client.limits import Limits


class Notification(NamedTuple):
    """What waits to be sent. `data` is JSON."""

    channel: str
    type: str
    data: bytes
    key: str | None

    @property
    def size(self) -> int:
        """Bytes that it is counted with."""
        return len(self.data) + 128


class Waiting:
    """A queue in the order of `put`. What was taken counts until it is `settled`.

    Attributes:
        outcomes: how many were `accepted`, and what became of them and of those that weren't.
    """

    def __init__(self, limits: Limits) -> None:
        self.outcomes: Counter[str] = Counter()
        self._limits = limits
        # Re-entrant: a signal handler may notify while the same thread is inside.
        self._lock = threading.RLock()
        self._settled = threading.Condition(self._lock)
        self._queue: deque[Notification] = deque()
        self._count = 0
        self._bytes = 0
        # A bare lock as the bell of the one who takes: it is the cheapest there is, and safe in signal handlers.
        self._bell = threading.Lock()
        self._bell.acquire()
        self._awake = True
        self._rung = False

    def __len__(self) -> int:
        return self._count

    @property
    def bytes(self) -> int:
        """Bytes that wait."""
        return self._bytes

    def put(self, notification: Notification) -> bool:
        """Queue a notification, or drop one as the limits say. Any thread; never waits."""
        size = notification.size
        with self._lock:
            while self._count >= self._limits.queue or self._bytes + size > self._limits.queue_bytes:
                if self._limits.drop == "newest" or not self._queue:
                    self.outcomes["full"] += 1
                    return False
                self._forget(self._queue.popleft())
                self.outcomes["full"] += 1
            self._queue.append(notification)
            self._count += 1
            self._bytes += size
            self.outcomes["accepted"] += 1
            self._ring()
        return True

    def count(self, outcome: str, by: int = 1) -> int:
        """Count an outcome; return how many there are now."""
        with self._lock:
            self.outcomes[outcome] += by
            return self.outcomes[outcome]

    def take(self, count: int, size: int) -> list[Notification]:
        """Take the oldest: `count` at most, and of `size` bytes together unless the first is longer."""
        taken: list[Notification] = []
        with self._lock:
            while self._queue and len(taken) < count and (not taken or size >= self._queue[0].size):
                size -= self._queue[0].size
                taken.append(self._queue.popleft())
        return taken

    def settle(self, notifications: Iterable[Notification], outcome: str) -> None:
        """Note what became of notifications that were taken."""
        with self._lock:
            for notification in notifications:
                self._forget(notification)
                self.outcomes[outcome] += 1
            self._settled.notify_all()

    def drop_rest(self, outcome: str) -> None:
        """Drop everything that wasn't taken."""
        self.settle(self.take(self._limits.queue, self._limits.queue_bytes), outcome)

    def _forget(self, notification: Notification) -> None:
        self._count -= 1
        self._bytes -= notification.size

    def wait(self, timeout: float | None) -> None:
        """Sleep until there is something to take, `ring` is called, or `timeout` seconds are over. One thread only."""
        with self._lock:
            if self._queue or self._rung:
                self._rung = False
                return
            self._awake = False
        self._bell.acquire(timeout=-1 if timeout is None else max(0.0, timeout))
        with self._lock:
            if self._awake:
                self._bell.acquire(blocking=False)  # rung just when time was up
            self._awake = True
            self._rung = False

    def ring(self) -> None:
        """Wake the one who waits, or keep the one from sleeping who is about to."""
        with self._lock:
            self._rung = True
            self._ring()

    def _ring(self) -> None:
        if not self._awake:
            self._awake = True
            self._bell.release()

    def wait_settled(self, timeout: float) -> bool:
        """Wait until nothing waits; tell whether that came within `timeout` seconds."""
        with self._settled:
            return self._settled.wait_for(lambda: not self._count, timeout)

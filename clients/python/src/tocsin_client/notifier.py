"""A queue and its sender: what `notify_channel` puts into, once per process."""

from __future__ import annotations

import logging
import sys
import threading
from dataclasses import dataclass
from typing import Any

from tocsin_client.encoding import encode
from tocsin_client.forks import survive
from tocsin_client.limits import Limits
from tocsin_client.outcome import ACCEPTED, REFUSED, Outcome
from tocsin_client.sender import Sender
from tocsin_client.settings import Target
from tocsin_client.waiting import Notification, Waiting

log = logging.getLogger("tocsin_client")


@dataclass(frozen=True, slots=True)
class Stats:
    """What became of notifications, in this process since it was begun or forked.

    Attributes:
        accepted: they were put into the queue. One of those below follows, down to `abandoned`.
        published: the hub has them.
        queued: the hub has them, and publishes them when its broker is back.
        superseded: the hub had a newer version.
        refused: by the hub, for good: no such channel, not permitted, too large, against the schema.
        uncertain: no answer came for so long that sending them again could publish them twice.
        abandoned: the process ended first.
        full: dropped, because the queue was full.
        unencodable: not taken: not JSON, or no text as channel or type.
        waiting: in the queue, or on their way.
        waiting_bytes: bytes of those.
    """

    accepted: int = 0
    published: int = 0
    queued: int = 0
    superseded: int = 0
    refused: int = 0
    uncertain: int = 0
    abandoned: int = 0
    full: int = 0
    unencodable: int = 0
    waiting: int = 0
    waiting_bytes: int = 0


class Notifier:
    """Notifies one hub. Nothing runs before the first notification.

    A forked process begins anew: what waits is the parent's, who sends it.
    """

    def __init__(self, target: Target, limits: Limits) -> None:
        self._target = target
        self._limits = limits
        self._begin()
        survive(self)

    def _begin(self) -> None:
        self._waiting = Waiting(self._limits)
        self._sender = Sender(self._target, self._waiting, self._limits)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._closed = False

    forget_parent = _begin

    def notify(self, channel: str, type: str, data: Any, key: str | None = None) -> Outcome:
        """Queue a notification. Any thread; never waits for the hub, never raises."""
        try:
            for text in (channel, type, key or ""):
                text.encode()  # not every string can go out: a lone surrogate can't
            notification = Notification(channel, type, encode(data), key)
        except Exception as error:
            return self._unencodable(channel, error)
        if not self._waiting.put(notification):
            return REFUSED
        if self._thread is None:
            self._start()
        return ACCEPTED

    def _unencodable(self, channel: object, error: Exception) -> Outcome:
        if self._waiting.count("unencodable") == 1:
            log.warning("notification on %s dropped, because it is not JSON: %s", ascii(channel)[:128], error)
        return REFUSED

    def _start(self) -> None:
        if not self._starting.acquire(blocking=False):
            return  # another thread does, or the one that a signal handler has interrupted
        try:
            if self._thread is not None or self._closed:
                return
            # A daemon: the exit of the process doesn't wait for it, but for `close`, which has a deadline.
            thread = threading.Thread(target=self._sender.run, name="tocsin notifications", daemon=True)
            thread.start()
            self._thread = thread
            _at_exit_of_a_child(self)
        except RuntimeError:  # no thread can be started any more: the process is ending, and `close` sends
            return
        finally:
            self._starting.release()

    def stats(self) -> Stats:
        """Return the counts."""
        outcomes = dict(self._waiting.outcomes)
        return Stats(**outcomes, waiting=len(self._waiting), waiting_bytes=self._waiting.bytes)

    def flush(self, timeout: float) -> bool:
        """Wait until nothing waits any more; tell whether that came within `timeout` seconds."""
        return self._waiting.wait_settled(timeout)

    def close(self, timeout: float | None = None) -> None:
        """Send what waits, within so many seconds (`Limits.exit_timeout`), and end the thread. Again is harmless."""
        seconds = self._limits.exit_timeout if timeout is None else timeout
        self.retire(seconds)
        if self._thread is not None:
            self._thread.join(seconds + 0.1)
        elif len(self._waiting):
            self._sender.run()

    def retire(self, timeout: float) -> None:
        """Have the thread end when it has sent what waits, without waiting for it."""
        self._closed = True
        self._sender.stop(timeout)


def _at_exit_of_a_child(notifier: Notifier) -> None:
    """A process of `multiprocessing` runs no `atexit` functions, but its own."""
    multiprocessing = sys.modules.get("multiprocessing")
    util = sys.modules.get("multiprocessing.util")
    if multiprocessing is not None and util is not None and multiprocessing.parent_process() is not None:
        util.Finalize(None, notifier.close, exitpriority=0)

"""`notify_channel` and `notify_user`: say what happened, from any code, and go on.

Callable from any thread, from coroutines of any loop, and from signal handlers. The data is encoded at once, so that it
may be changed afterwards. Nothing here waits or raises. Without a hub (`TOCSIN_URL`, `configure`) nothing happens.
"""

from __future__ import annotations

import atexit
import logging
import threading
from typing import Any, Final

from tocsin_client.address import Address
from tocsin_client.limits import Limits
from tocsin_client.notifier import Notifier, Stats
from tocsin_client.outcome import REFUSED, Outcome
from tocsin_client.settings import Target, from_environment
from tocsin_client.tokens import Token

log = logging.getLogger("tocsin_client")

DEFAULTS: Final = Limits()


class _Process:
    """The process's own notifier: made at the first notification, or by `configure`."""

    def __init__(self) -> None:
        self.target: Target | None = None
        self.notifier: Notifier | None = None
        self.is_configured = False
        self._lock = threading.Lock()

    def configure(self, target: Target | None, limits: Limits) -> None:
        """Notify this hub from now on; what waits for the one before is still sent."""
        with self._lock:
            before = self.notifier
            self.target = target
            self.notifier = None if target is None else Notifier(target, limits)
            self.is_configured = True
        if before is not None:
            before.retire(limits.exit_timeout)

    def configure_by_environment(self) -> None:
        """Read the environment, once."""
        try:
            target = from_environment()
        except ValueError as error:
            log.warning("notifications are off, because TOCSIN_URL can't be used: %s", error)
            target = None
        if not self.is_configured:
            self.configure(target, DEFAULTS)

    def put(self, channel: str, type: str, data: Any, key: str | None) -> Outcome:
        """Queue a notification."""
        notifier = self.notifier
        if notifier is None:
            if self.is_configured:
                return REFUSED
            self.configure_by_environment()
            notifier = self.notifier
        return REFUSED if notifier is None else notifier.notify(channel, type, data, key)


_process: Final = _Process()


def configure(url: str | None, *, token: Token = None, limits: Limits = DEFAULTS) -> None:
    """Name the hub that this process notifies; `None` turns notifications off. Otherwise the environment names it:
    `TOCSIN_URL`, and `TOCSIN_TOKEN` or `TOCSIN_TOKEN_FILE`.

    Args:
        token: a JWT that may publish, or a function that gives one: it is asked before each request, in the sender's
            thread.

    Raises:
        ValueError: the URL is none.
    """
    _process.configure(None if url is None else Target(Address.parse(url), token), limits)


def notify_channel(channel: str, type: str, data: Any, *, key: str | None = None) -> Outcome:
    """Publish `data` on a channel, without waiting.

    Args:
        type: the publication's type, such as `pool_resized`.
        data: what JSON can hold, and what `encoding.encode` says.
        key: on a conflated channel, which earlier publication this one replaces.

    Returns:
        Whether it was taken; it may be ignored or awaited.
    """
    return _process.put(channel, type, data, key)


def notify_user(user: str, type: str, data: Any) -> Outcome:
    """Publish `data` on the channel that only this user sees, without waiting. See `notify_channel`."""
    return _process.put(f"user:{user}", type, data, None)


def flush(timeout: float = 5.0) -> bool:
    """Wait until all notifications have been sent; tell whether that came within `timeout` seconds."""
    notifier = _process.notifier
    return notifier is None or notifier.flush(timeout)


def stats() -> Stats:
    """Return what became of this process's notifications."""
    notifier = _process.notifier
    return Stats() if notifier is None else notifier.stats()


def target() -> Target | None:
    """Return the hub that is configured."""
    if not _process.is_configured:
        _process.configure_by_environment()
    return _process.target


@atexit.register
def _close() -> None:
    if _process.notifier is not None:
        _process.notifier.close()

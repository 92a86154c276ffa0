"""Where a job's updates go: to the one callback of the earlier API, and to whoever observes them in full."""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from channels.messages.training import StageUpdate
from integrations.rag_trainer.listener import Listener, running_loop

Callback: TypeAlias = Callable[[str, str, int], Awaitable[object] | object]
Observer: TypeAlias = Callable[[StageUpdate], object]
Line: TypeAlias = tuple[str, str, int]

_TOLD: Final = frozenset({"done", "skipped", "failed", "completed", "cancelled"})
"""What the callback hears of: that something ended, as it always did. Observers also hear what starts."""


class Updates:
    """Sends updates in order, each as it is made. Thread-safe. Nothing that a receiver does comes back to the sender.

    Each receiver has a thread of its own (`Listener`). What an async callback returns is awaited on the event loop that
    ran in the thread where it was set, so that it can use that loop's connections; without one, on a loop of its own.

    Args:
        bound: updates that may wait for one receiver; over it the oldest is lost, and counted.
        patience: seconds that `settle` waits for receivers in all.
    """

    def __init__(self, *, bound: int = 10_000, patience: float = 2.0) -> None:
        self._bound = bound
        self._patience = patience
        self._lock = threading.Lock()
        self._callback: Listener[Line] | None = None
        self._observers: list[Listener[StageUpdate]] = []
        self._lost = 0

    def set_callback(self, callback: Callback | None) -> None:
        """Call this from now on, instead of the one before, and with what still waits for that one; `None`: nobody."""
        if callback is not None and not callable(callback):
            raise TypeError(f"expected a function of (stage, log, progress), or None; came {type(callback).__name__}")
        loop = running_loop()
        with self._lock:
            before, self._callback = self._callback, None
            waiting = [] if before is None else before.retire()
            if before is not None:
                self._lost += before.dropped
            if callback is not None:
                chosen = callback
                self._callback = Listener(lambda line: chosen(*line), bound=self._bound, loop=loop, backlog=waiting)

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Have an observer called with every update from now on, as the callback is; return what ends it."""
        listener = Listener(observer, bound=self._bound, loop=running_loop())
        with self._lock:
            self._observers.append(listener)

        def end() -> None:
            with self._lock:
                if listener in self._observers:
                    self._observers.remove(listener)
                    self._lost += listener.dropped
            listener.retire()

        return end

    @property
    def dropped(self) -> int:
        """How many updates receivers lost because they were too slow."""
        with self._lock:
            return self._lost + sum(listener.dropped for listener in self._receivers())

    def send(self, update: StageUpdate) -> None:
        """Tell everybody."""
        with self._lock:
            observers, callback = list(self._observers), self._callback
        for observer in observers:
            observer.put(update)
        if callback is not None and update.status in _TOLD:
            callback.put((update.stage, update.log, update.progress))

    def say(self, stage: str, log: str, progress: int) -> None:
        """Tell the callback alone."""
        with self._lock:
            callback = self._callback
        if callback is not None:
            callback.put((stage, log, progress))

    def settle(self) -> None:
        """Wait until all is told, but not longer than there is patience. What is left is told later."""
        deadline = time.monotonic() + self._patience
        with self._lock:
            receivers = self._receivers()
        for receiver in receivers:
            receiver.drain(max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        """Settle, and tell nothing more."""
        self.settle()
        with self._lock:
            receivers = self._receivers()
            self._observers.clear()
            self._callback = None
        for receiver in receivers:
            receiver.retire()

    def _receivers(self) -> list[Listener[Line] | Listener[StageUpdate]]:
        return [*self._observers, *([] if self._callback is None else [self._callback])]

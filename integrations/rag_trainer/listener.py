"""Somebody who is told, and can't disturb who tells: each listener has a queue, and a thread that empties it."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future, wait
from typing import Any, Final, Generic, TypeVar

import structlog

from integrations.rag_trainer.faults import trace_of

log = structlog.get_logger(__name__)

T = TypeVar("T")

_LOOK: Final = 0.5
"""Seconds between two looks whether an event loop that is waited for is closed."""


class Listener(Generic[T]):
    """Calls a function, sync or async, with each item in its order, in a thread of its own that begins with the first.

    What the function raises is logged once; the next item is tried all the same. One that hangs holds up its own queue
    alone. A full queue loses its oldest item, so that the newest, which may be the last word, gets through.

    Args:
        call: what is called.
        bound: items that may wait.
        handover: seconds that `put` waits for the call when nothing else waits. This lets an item out before the caller
            goes on to compute, which may hold the interpreter's lock for long. A listener that is behind costs nothing,
            and in a thread with a running event loop there is no such wait.
        loop: where what `call` returns is awaited; `None`, or a closed one: a loop in a thread of the listener's own.
        backlog: what waits already.

    Attributes:
        dropped: items that were lost to a full queue.
    """

    def __init__(
        self,
        call: Callable[[T], object],
        *,
        bound: int = 10_000,
        handover: float = 0.02,
        loop: asyncio.AbstractEventLoop | None = None,
        backlog: Iterable[T] = (),
    ) -> None:
        self.dropped = 0
        self._call = call
        self._bound = bound
        self._handover = handover
        self._loop = loop
        self._items = deque(backlog, maxlen=bound)
        self._state = threading.Condition()
        self._busy = False
        self._retired = False
        self._complained = False
        self._thread: threading.Thread | None = None
        self._own: _OwnLoop | None = None
        self._awaited: Future[Any] | None = None
        if self._items:
            self._begin()

    def put(self, item: T) -> None:
        """Have it told."""
        with self._state:
            if self._retired:
                return
            idle = not self._busy and not self._items
            if len(self._items) == self._bound:
                self._drop()
            self._items.append(item)
            self._begin()
            self._state.notify_all()
            if idle and running_loop() is None:
                self._state.wait_for(self._is_idle, self._handover)

    def drain(self, timeout: float) -> bool:
        """Wait until all is told; return whether it is. In the thread of the loop that it needs it doesn't wait."""
        with self._state:
            if self._loop is not None and running_loop() is self._loop:
                return self._is_idle()
            return self._state.wait_for(self._is_idle, timeout)

    def retire(self) -> list[T]:
        """Tell nothing more; return what waits. A call that hangs is left to its thread, and ends with the process."""
        with self._state:
            self._retired = True
            left = list(self._items)
            self._items.clear()
            self._state.notify_all()
            awaited, own = self._awaited, self._own
            self._own = None
        if awaited is not None:
            awaited.cancel()
        if own is not None:
            own.end()
        return left

    def _is_idle(self) -> bool:
        return not self._busy and not self._items

    def _drop(self) -> None:
        self._items.popleft()
        self.dropped += 1
        if self.dropped == 1:
            log.warning("a listener of the training is too slow; updates are lost", bound=self._bound)

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="rag-updates", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._state:
                self._state.wait_for(lambda: self._items or self._retired)
                if self._retired:
                    return
                item = self._items.popleft()
                self._busy = True
            try:
                self._tell(item)
            except BaseException as error:  # also SystemExit: a callback that calls exit() ends nothing
                self._complain(error)
            with self._state:
                self._busy = False
                self._state.notify_all()

    def _complain(self, error: BaseException) -> None:
        if not self._complained and not self._retired:
            self._complained = True
            log.warning("a listener of the training failed; training goes on", exception=trace_of(error))

    def _tell(self, item: T) -> None:
        result = self._call(item)
        if inspect.isawaitable(result):
            self._await(result)

    def _await(self, awaitable: Awaitable[object]) -> None:
        with self._state:
            if self._retired:
                if inspect.iscoroutine(awaitable):
                    awaitable.close()
                return
            loop = self._loop
            if loop is None or loop.is_closed():
                self._own = self._own or _OwnLoop()
                loop = self._own.loop
            future = self._awaited = asyncio.run_coroutine_threadsafe(_awaited(awaitable), loop)
        while not wait([future], _LOOK).done:
            if loop.is_closed():
                raise RuntimeError("the event loop that ran when the callback was set was closed while it ran")
        if not future.cancelled():
            future.result()


async def _awaited(awaitable: Awaitable[object]) -> None:
    await awaitable


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that runs in this thread."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class _OwnLoop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="rag-updates-loop", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.loop.run_forever()
            self.loop.run_until_complete(_cancel_all())
        finally:
            self.loop.close()

    def end(self) -> None:
        """Cancel what runs there and close it, without waiting: one that something blocks is left to its thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)

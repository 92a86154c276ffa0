"""Recording errors that nobody caught: from logging, the interpreter, threads and event loops.

Each handler calls what was there before it, never raises, and never records what happens while it records. What a
guard or the middleware has recorded on its way is not recorded again.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any

from channels import Clock, SystemClock
from integrations.error_firewall.fingerprints import frames_of
from integrations.error_firewall.firewall import ErrorFirewall
from integrations.error_firewall.recording import was_recorded
from integrations.error_firewall.sampling import Sampler

LoopHandler = Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object]


class Capture:
    """Handlers that record. `with Capture(firewall):` puts those of the process in place, and takes them out again.

    Attributes:
        counts: errors by what became of them: `recorded`, `limited` (more than the firewall's `captures_per_second`),
            `known` (recorded before), `skipped` (an interrupt or an exit), `nested` (happened while
            recording) and `failed`.
    """

    def __init__(self, firewall: ErrorFirewall, clock: Clock | None = None) -> None:
        self._firewall = firewall
        self._sampler = Sampler(firewall.options.captures_per_second, clock or SystemClock())
        self._local = threading.local()
        self._undo: list[Callable[[], None]] = []
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Capture:
        self.install()
        return self

    def __exit__(self, *error: object) -> None:
        self.uninstall()

    def install(self) -> None:
        """Put handlers into `sys.excepthook` and `threading.excepthook`. Twice is once."""
        if self._undo:
            return
        before, thread_before = sys.excepthook, threading.excepthook

        def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            self.capture(error, "unhandled")
            before(kind, error, trace)

        def thread_hook(args: threading.ExceptHookArgs) -> None:
            if args.exc_value is not None:
                self.capture(args.exc_value, "thread")
            thread_before(args)

        sys.excepthook, threading.excepthook = hook, thread_hook

        def undo() -> None:  # only what is still ours: who came later chains to us, and stays
            if sys.excepthook is hook:
                sys.excepthook = before
            if threading.excepthook is thread_hook:
                threading.excepthook = thread_before

        self._undo.append(undo)

    def uninstall(self) -> None:
        """Take the handlers out again, where nobody has put another one in front of them."""
        while self._undo:
            self._undo.pop()()

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Capture what an event loop's tasks and callbacks leave unhandled."""
        before: LoopHandler | None = loop.get_exception_handler()

        def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            error = context.get("exception")
            if isinstance(error, BaseException):
                self.capture(error, "asyncio")
            if before is None:
                loop.default_exception_handler(context)
            else:
                before(loop, context)

        loop.set_exception_handler(handle)

    def logging_handler(self, level: int = logging.ERROR) -> logging.Handler:
        """Return a handler that captures the exceptions of log records from `level` on; add it to any logger."""
        return _Handler(self, level)

    def capture(self, error: BaseException, operation: str) -> None:
        """Record an error that nobody caught. Never raises, never recurses."""
        outcome = "failed"
        try:
            outcome = self._outcome(error, operation)
        except Exception:
            outcome = "failed"
        finally:
            self.counts[outcome] += 1

    def _outcome(self, error: BaseException, operation: str) -> str:
        if getattr(self._local, "busy", False):
            return "nested"
        if not isinstance(error, Exception):
            return "skipped"  # an interrupt or an exit is nobody's mistake
        self._local.busy = True
        try:
            if was_recorded(error):
                return "known"
            if not self._sampler.take():
                return "limited"
            frames = frames_of(error)
            recorded = self._firewall.record(error, operation, {"at": list(frames)})
            return "failed" if recorded is None else "recorded"
        finally:
            self._local.busy = False


class _Handler(logging.Handler):
    def __init__(self, capture: Capture, level: int) -> None:
        super().__init__(level)
        self._capture = capture

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            self._capture.capture(error, f"log {record.name}")

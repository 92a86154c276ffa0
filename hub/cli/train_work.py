"""The training of `tocsin train`: in a worker process, the hub's own, so that the command line imports no model."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

from pydantic import ValidationError

from channels.messages.training import StageUpdate
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import visible
from integrations.rag_trainer.child import Child, Gone, StartChild, start
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.reports import FileReport, TrainingReport
from integrations.rag_trainer.work_messages import Order

_ENDING: Final = 2.0
"""Seconds that the worker has to end by itself after its report."""


class Watcher(Protocol):
    """Who is told how far it is."""

    def update(self, update: StageUpdate) -> None:
        """Something began or ended."""

    def stopping(self) -> None:
        """It was told to end after the stage that is at work."""


async def train(
    options: TrainerOptions, files: tuple[str, ...] | None, watcher: Watcher, start_child: StartChild = start
) -> TrainingReport:
    """Train documents; return what became of each.

    SIGINT and SIGTERM end it after the stage that is at work, a second one at once. Whoever ends it, and however: the
    next training of the same files goes on from the last stage that was finished.

    Args:
        files: files and folders; `None`: all there is below `options.base_dir`.

    Raises:
        Failure: it couldn't begin, or the worker died.
        KeyboardInterrupt: it was ended at once.
    """
    try:
        child = await start_child()
    except OSError as error:
        raise Failure(Exit.FAILURE, f"no process can be started for the training: {error}") from None
    signals = _Signals(child, watcher)
    try:
        with signals.heard():
            report = await _followed(child, Order(task="train", options=options, files=files, patience=0.0), watcher)
        await child.wait(_ENDING)
        return report
    except Gone as error:
        if signals.count > 1:
            raise KeyboardInterrupt from None
        raise Failure(
            Exit.FAILURE, f"the training ended in the middle ({visible(str(error))}); the same command goes on"
        ) from None
    finally:
        await child.end()


async def _followed(child: Child, order: Order, watcher: Watcher) -> TrainingReport:
    await child.order(order)
    files: list[FileReport] = []
    async for message in child.messages():
        try:
            report = _heard(message, files, watcher)
        except ValidationError as error:
            raise Failure(Exit.FAILURE, f"the worker said something that can't be read: {error}") from None
        if report is not None:
            return report.model_copy(update={"files": tuple(files)})
    await child.wait(_ENDING)
    raise Gone(child.epitaph())


def _heard(message: Mapping[str, Any], files: list[FileReport], watcher: Watcher) -> TrainingReport | None:
    match message["kind"]:
        case "update":
            watcher.update(StageUpdate.model_validate(message["update"]))
        case "file":
            files.append(FileReport.model_validate(message["file"]))
        case "report":
            return TrainingReport.model_validate(message["report"])
        case "fault":
            raise Failure(Exit.FAILURE, visible(str(message["text"])))
    return None


class _Signals:
    """Hears Ctrl+C: the worker is in a group of its own, and doesn't."""

    def __init__(self, child: Child, watcher: Watcher) -> None:
        self.count = 0
        self._child = child
        self._watcher = watcher

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Hear signals meanwhile; only the main thread may."""
        numbers = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
        loop = asyncio.get_running_loop()
        hear: Callable[[], None] = self._hear
        for number in numbers:
            loop.add_signal_handler(number, hear)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _hear(self) -> None:
        self.count += 1
        if self.count == 1:
            self._child.tell_soon("cancel")
            self._watcher.stopping()
        else:
            self._child.kill()

"""The inside of a worker process: it does what the hub orders, says how far it is, and ends when the hub is gone."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Final, Protocol

from pydantic import ValidationError

from channels.messages.training import StageUpdate
from integrations.rag_trainer.answers import Answer, Question
from integrations.rag_trainer.guard import Guard
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.reports import TrainingReport
from integrations.rag_trainer.work_messages import Order, decode, encode

HUB_GONE: Final = 3
"""Exit code when standard input ends: nobody would hear the result."""
PAUSED: Final = 4
"""Exit code after `pause`: the job goes on from its journal another time."""
_WAIT: Final = 0.2
"""Seconds between two attempts to have the library."""
_TEXT_MAX: Final = 500


class Trainer(Protocol):
    """What a worker needs of `trainer.BldrRAGTrainer`."""

    def observe(self, observer: Callable[[StageUpdate], object], /) -> object: ...

    def train(
        self, files: Sequence[str] | None = None, *, job_id: str | None = None, cancelled: Callable[[], bool] = ...
    ) -> TrainingReport: ...

    def query(self, question: Question, /) -> Answer: ...

    def close(self) -> None: ...


MakeTrainer = Callable[[TrainerOptions, Guard], Trainer]


class Worker:
    """One worker.

    Args:
        make: makes the trainer; it has the guard before each stage of a document.
        busy: what `make` or the trainer raises while another process writes to the same library.
        leave: ends the process at once; a journal survives that as it survives a kill.
    """

    def __init__(
        self,
        make: MakeTrainer,
        inlet: IO[bytes],
        outlet: IO[bytes],
        *,
        busy: tuple[type[Exception], ...] = (),
        leave: Callable[[int], object] = os._exit,
    ) -> None:
        self._make = make
        self._inlet = inlet
        self._outlet = outlet
        self._busy = busy
        self._leave = leave
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._paused = threading.Event()
        self._questions: SimpleQueue[tuple[int, Any]] = SimpleQueue()

    def run(self) -> None:
        """Read the order and carry it out. Returns when a training is over; answering ends with the process only."""
        first = self._inlet.readline()
        if not first:
            return
        order = Order.model_validate(decode(first)["order"])
        _give_way(order)
        threading.Thread(target=self._listen, name="hub", daemon=True).start()
        try:
            if order.task == "train":
                self._train(order)
            else:
                self._answer(order)
        except Exception as error:
            self._say("fault", reason=type(error).__name__, text=_told(error))

    def _listen(self) -> None:
        for line in self._inlet:
            with suppress(ValueError):
                self._hear(decode(line))
        self._leave(HUB_GONE)

    def _hear(self, message: Any) -> None:
        match message["kind"]:
            case "cancel":
                self._cancelled.set()
            case "pause":
                self._paused.set()
            case "ask":
                self._questions.put((message["id"], message["question"]))

    def _train(self, order: Order) -> None:
        report = self._patiently(order, lambda: self._trained(order))
        for index, file in enumerate(report.files, start=1):
            self._say("file", index=index, file=file.model_dump(mode="json"))
        self._say("report", report=report.model_copy(update={"files": ()}).model_dump(mode="json"))

    def _trained(self, order: Order) -> TrainingReport:
        # Closed, the library is one file again: what stood beside it (`-wal`) is in it.
        with closing(self._made(order)) as trainer:
            trainer.observe(lambda update: self._say("update", update=update.model_dump(mode="json")))
            self._say("ready")
            return trainer.train(order.files, job_id=order.job_id, cancelled=self._is_cancelled)

    def _patiently(self, order: Order, work: Callable[[], TrainingReport]) -> TrainingReport:
        """Wait for the library: a worker whose hub was killed needs a moment to end, and a command may be training."""
        until = time.monotonic() + order.patience
        while True:
            try:
                return work()
            except self._busy:
                if self._is_cancelled() or time.monotonic() >= until:
                    raise
            time.sleep(_WAIT)

    def _is_cancelled(self) -> bool:
        """Asked between stages, when all that was done is in the journal."""
        if self._paused.is_set():
            self._leave(PAUSED)
        return self._cancelled.is_set()

    def _made(self, order: Order) -> Trainer:
        return self._make(order.options, Guard(order.poison, lambda name: self._say("at", file=name)))

    def _answer(self, order: Order) -> None:
        trainer = self._made(order)
        self._say("ready")
        while True:
            id, question = self._questions.get()
            try:
                answer = trainer.query(Question.model_validate(question))
            except ValidationError as error:
                self._say("refusal", id=id, text=_told(error))
            except Exception as error:
                self._say("refusal", id=id, text=f"{type(error).__name__}: {_told(error)}")
            else:
                self._say("answer", id=id, answer=answer.model_dump(mode="json"))

    def _say(self, kind: str, **fields: Any) -> None:
        line = encode(kind, **fields)
        with self._lock:
            try:
                self._outlet.write(line)
                self._outlet.flush()
            except (OSError, ValueError):
                self._leave(HUB_GONE)


def work(make: MakeTrainer, *, busy: tuple[type[Exception], ...] = ()) -> None:
    """Be a worker on this process's standard input and output.

    What else is written to standard output, by a library or its C code, goes to standard error: the hub reads messages
    there, and nothing else.
    """
    outlet = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    Worker(make, sys.stdin.buffer, outlet, busy=busy).run()
    outlet.flush()
    os._exit(0)  # nothing is left to do, and threads of a native library may not want to end


def _give_way(order: Order) -> None:
    """Let the hub run first, and let the kernel take this process first when memory is short."""
    if order.nice:
        os.nice(order.nice)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def _told(error: Exception) -> str:
    """Say it on one line; of a wrong question no more than where and why."""
    if isinstance(error, ValidationError):
        text = "; ".join(
            f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}" for detail in error.errors(include_url=False)
        )
    else:
        text = str(error)
    return " ".join(text.split())[:_TEXT_MAX] or type(error).__name__

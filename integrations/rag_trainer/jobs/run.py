"""One attempt at a job, in a worker process of its own."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import structlog
from pydantic import ValidationError

from channels.messages.training import StageUpdate
from integrations.rag_trainer.child import Child, Gone, StartChild
from integrations.rag_trainer.jobs.job import Job, Record
from integrations.rag_trainer.options import TrainerOptions
from integrations.rag_trainer.reports import FileReport, TrainingReport
from integrations.rag_trainer.work_messages import Order

log = structlog.get_logger(__name__)

Why = Literal["cancelled", "timeout", "stopped"]

_LAST: Final = ("complete", "error")
_EXIT: Final = 1.0
"""Seconds that a process has to end by itself after it has closed its output."""
_LOOK: Final = 0.25
"""Seconds between two looks at a process's memory, 50 µs each; it may get too much by what it takes meanwhile."""


@dataclass(frozen=True, slots=True)
class JobLimits:
    """Bounds.

    Attributes:
        queue: jobs that may wait.
        kept: jobs that are over, and can still be asked for.
        kept_files: files of a job whose state is kept.
        timeout: seconds of one job; 0: no limit.
        cancel_timeout: seconds that a stage has when its job is cancelled.
        stop_timeout: seconds that it has when the hub stops.
        deaths: times that a job's process may die; once more, and the job fails.
        stray: seconds after its newest byte from which on an upload without a job is given up, and removed.
        memory: bytes that a process may hold; 0: no limit. Who holds more is killed, and the document fails.
        nice: by how much a worker gives way to other processes.
    """

    queue: int = 20
    kept: int = 50
    kept_files: int = 10_000
    timeout: float = 86_400.0
    cancel_timeout: float = 30.0
    stop_timeout: float = 2.0
    deaths: int = 20
    stray: float = 600.0
    memory: int = 4 << 30
    nice: int = 10


@dataclass(slots=True)
class Numbers:
    """Counts for metrics, since this process began.

    Attributes:
        jobs: that are over, by their state.
        files: by their outcome, of jobs that are over.
        stages: by name and status.
        stage_seconds: by name.
        restarts: workers that were started again because one had died.
    """

    jobs: Counter[str] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)
    stages: Counter[tuple[str, str]] = field(default_factory=Counter)
    stage_seconds: dict[str, float] = field(default_factory=dict)
    chunks: int = 0
    restarts: int = 0

    def note(self, update: StageUpdate) -> None:
        """Count what ended."""
        if update.stage_name is None or update.status in ("started", "progress"):
            return
        self.stages[update.stage_name, update.status] += 1
        seconds = (update.stage_ms or 0.0) / 1000
        self.stage_seconds[update.stage_name] = self.stage_seconds.get(update.stage_name, 0.0) + seconds


@dataclass(frozen=True, slots=True)
class Means:
    """What every job works with.

    Attributes:
        options: of the trainer, for a job.
        start: starts a worker.
        send: publishes an update; never blocks, never raises.
        now: seconds since 1970.
    """

    options: Callable[[Record], TrainerOptions]
    start: StartChild
    send: Callable[[StageUpdate], object]
    now: Callable[[], float]


Keep = Callable[[Sequence[dict[str, Any]]], Awaitable[None]]


class Run:
    """One attempt. Used on one loop.

    Args:
        keep: notes how files that have ended fare.

    Attributes:
        why: why it was interrupted, if it was.
        report: as the worker wrote it; `None`: it didn't get so far.
        final: the worker's last update, which isn't published here.
        fault: what the worker says it can't go on for.
        death: how the worker ended without any of these.
        at: the document that it was at then, if it was at one.
        too_big: it was killed because it held too much memory.
    """

    def __init__(self, job: Job, means: Means, limits: JobLimits, numbers: Numbers, keep: Keep) -> None:
        self.why: Why | None = None
        self.report: TrainingReport | None = None
        self.final: StageUpdate | None = None
        self.fault: str | None = None
        self.death: str | None = None
        self.at = ""
        self.too_big = False
        self._job = job
        self._means = means
        self._limits = limits
        self._numbers = numbers
        self._keep = keep
        self._files = 0
        self._child: Child | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._watch: asyncio.TimerHandle | None = None

    async def follow(self) -> None:
        """Start a worker, and listen to it until it has ended."""
        try:
            child = await self._means.start()
        except OSError as error:
            self.fault = f"no worker process can be started: {error.strerror or error}"
            return
        self._child = child
        if self._limits.timeout:
            started = self._job.record.started or self._means.now()
            left = max(0.0, started + self._limits.timeout - self._means.now())
            self._after(left, self._out_of_time)
        if self._limits.memory:
            self._weigh(child)
        try:
            await self._listen(child)
        finally:
            for timer in (*self._timers, *filter(None, [self._watch])):
                timer.cancel()
            await child.end()
        if words := child.words():
            log.info("a training worker wrote on standard error", training=self._job.record.id, lines=words)
        if self.report is None and self.final is None and self.fault is None:
            much = f"it held more than {self._limits.memory} bytes of memory (rag_trainer.worker_memory)"
            self.death = much if self.too_big else child.epitaph()

    async def interrupt(self, why: Why) -> None:
        """Have it end: between two stages if these end in time, and by force otherwise. The first reason counts."""
        patience = self._limits.stop_timeout if why == "stopped" else self._limits.cancel_timeout
        if self.why is None or why == "stopped":
            self._after(patience, self._kill)
        if self.why is None:
            self.why = why
            if self._child is not None:
                await self._tell(self._child)

    async def _listen(self, child: Child) -> None:
        record = self._job.record
        with suppress(Gone):
            await child.order(
                Order(
                    task="train",
                    options=self._means.options(record),
                    job_id=record.id,
                    files=record.files,
                    nice=self._limits.nice,
                    poison=record.poison,
                )
            )
            if self.why is not None:  # that came while the process was starting
                await self._tell(child)
        async for message in child.messages():
            try:
                self._take(message)
            except (ValidationError, KeyError) as error:
                log.error("a message of a training worker can't be read", training=record.id, error=str(error)[:300])
            if rows := self._job.progress.fresh():
                await self._keep(rows)
        await child.wait(_EXIT)

    def _take(self, message: Mapping[str, Any]) -> None:
        match message["kind"]:
            case "at":
                self.at = str(message["file"])
            case "update":
                self._update(StageUpdate.model_validate(message["update"]))
            case "file":
                self._job.progress.settle(message["index"], FileReport.model_validate(message["file"]))
                self._files = message["index"]
            case "report":
                self.report = TrainingReport.model_validate(message["report"])
                if self._files:
                    self._job.progress.cut(self._files)
            case "fault":
                self.fault = str(message["text"])

    def _update(self, update: StageUpdate) -> None:
        if update.stage in _LAST:  # published once the job is kept as over: exactly once, whatever happens
            self.final = update
            return
        self._job.progress.note(update, self._job.record)
        self._numbers.note(update)
        self._means.send(update)

    async def _tell(self, child: Child) -> None:
        with suppress(Gone):
            await child.tell("pause" if self.why == "stopped" else "cancel")

    def _out_of_time(self) -> None:
        if self.why is None and self._child is not None:
            self.why = "timeout"
            self._after(self._limits.cancel_timeout, self._kill)
            self._child.tell_soon("cancel")

    def _weigh(self, child: Child) -> None:
        if child.memory() > self._limits.memory:
            self.too_big = True
            child.kill()
        else:
            self._watch = asyncio.get_running_loop().call_later(_LOOK, self._weigh, child)

    def _kill(self) -> None:
        if self._child is not None:
            self._child.kill()
        else:  # it is about to be there
            self._after(0.1, self._kill)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(seconds, action))

"""The queue of jobs: kept on disk, one job at a time, oldest first. What was unfinished goes on at the next start."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

import structlog

from channels.messages.training import StageUpdate
from integrations.rag_trainer.jobs.attempts import Attempts, Workshop
from integrations.rag_trainer.jobs.endings import last_update, outcome_of, queued_update, standing
from integrations.rag_trainer.jobs.job import Ended, Job, Progress, Record
from integrations.rag_trainer.jobs.run import JobLimits, Means, Numbers
from integrations.rag_trainer.jobs.store import JobStore

log = structlog.get_logger(__name__)

_CANCEL_WAIT: Final = 0.5
"""Seconds that `cancel` waits for the end, so that the answer mostly says how it ended."""


class Busy(Exception):
    """The queue is full, or nothing more is taken because all ends."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants trained; see `Record`."""

    id: str
    folder: str
    base: str
    files: tuple[str, ...] | None = None
    upload: bool = False


class Trainings:
    """All jobs of a folder, in the one process that has it. Used on one loop."""

    def __init__(self, means: Means, store: JobStore, limits: JobLimits) -> None:
        self.numbers = Numbers()
        self._means = means
        self._store = store
        self._limits = limits
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._number = 0
        self._workshop = Workshop(means, store, limits, self.numbers, self._save_or_log)
        self._attempts: Attempts | None = None
        self._worker: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._ended = asyncio.Condition()
        self._writing = asyncio.Lock()
        self._stopping = False

    async def start(self, *, afresh: bool = False) -> None:
        """Read the jobs there are, and go on with those that aren't over.

        Args:
            afresh: nobody can read what was sent before, so say how things are.

        Raises:
            OSError: the folder can't be used.
        """
        for record in await asyncio.to_thread(self._store.load):
            self._jobs[record.id] = self._known(record)
            self._number = max(self._number, record.number)
        untold = False
        for job in self._jobs.values():
            if not job.record.is_over:
                job.record.state = "queued"
                job.progress.restore(await asyncio.to_thread(self._store.noted_files, job.record.id), job.record)
            elif not job.record.told and job.record.last is not None:
                untold = True
                await self._tell(job.record, job.record.last)
        for update in standing(self.all()[::-1]) if afresh and not untold else ():
            self._means.send(update)
        await self._drop_strays()
        self._worker = asyncio.create_task(self._work(), name="trainings")
        self._news.set()

    async def submit(self, wish: Wish) -> Job:
        """Take a job; it is on disk when this returns. The same id again is the same job.

        Raises:
            Busy: too many wait.
            OSError: it can't be written down.
        """
        if wish.id in self._jobs:
            return self._jobs[wish.id]
        waiting = len(self._waiting())
        if self._stopping:
            raise Busy("the hub is stopping")
        if waiting >= self._limits.queue:
            raise Busy(f"{waiting} trainings wait already, which is the limit (rag_trainer.queue)")
        self._number += 1
        record = Record(
            id=wish.id,
            number=self._number,
            folder=wish.folder,
            base=wish.base,
            files=wish.files,
            upload=wish.upload,
            created=self._means.now(),
            files_total=len(wish.files or ()),
        )
        job = self._jobs[wish.id] = self._known(record)
        try:
            await self._save(record)
        except OSError:
            del self._jobs[wish.id]
            raise
        job.progress.last = queued_update(record, self.position(job) or 0)
        self._means.send(job.progress.last)
        self._news.set()
        return job

    def get(self, id: str) -> Job | None:
        """Return a job."""
        return self._jobs.get(id)

    def all(self) -> list[Job]:
        """Return all jobs that are known, the newest first."""
        return list(reversed(self._jobs.values()))

    def counts(self) -> tuple[int, int]:
        """Return how many run, and how many wait."""
        states = [job.record.state for job in self._jobs.values()]
        return states.count("running"), states.count("queued")

    def position(self, job: Job) -> int | None:
        """Return how many jobs run before this one; `None` when it doesn't wait."""
        if job.record.state != "queued":
            return None
        ahead = [each for each in self._jobs.values() if each.record.number < job.record.number]
        return sum(not each.record.is_over for each in ahead)

    async def files(self, job: Job, offset: int, limit: int) -> list[dict[str, Any]]:
        """Return a piece of how a job's files fare."""
        if job.record.is_over:
            return await asyncio.to_thread(self._store.files, job.record.id, offset, limit)
        return job.progress.rows(offset, limit)

    async def cancel(self, id: str) -> bool:
        """End a job, `False` when it is over already or unknown. A stage that runs may take its time to end."""
        job = self._jobs.get(id)
        if job is None or job.record.is_over:
            return False
        if self._attempts is not None and job.record.state == "running":
            await self._attempts.run.interrupt("cancelled")
        else:
            await self._conclude(job, "cancelled", "cancelled before it began", None)
        async with self._ended:
            try:
                async with asyncio.timeout(_CANCEL_WAIT):
                    await self._ended.wait_for(lambda: job.record.is_over)
            except TimeoutError:
                pass
        return True

    def is_ending(self, job: Job) -> bool:
        """Tell whether a job runs and was cancelled."""
        return job.record.state == "running" and self._attempts is not None and self._attempts.run.why is not None

    async def stop(self) -> None:
        """End. What runs ends between two stages if these end soon, and goes on at the next start."""
        self._stopping = True
        if self._attempts is not None:
            await self._attempts.run.interrupt("stopped")
        self._news.set()
        if self._worker is not None:
            await asyncio.wait([self._worker])

    async def _work(self) -> None:
        while not self._stopping:
            job = next(iter(self._waiting()), None)
            if job is None:
                self._news.clear()
                await self._news.wait()
                continue
            try:
                await self._train(job)
            except Exception as error:
                log.exception("a training failed", training=job.record.id)
                reason = f"a fault in the hub ({type(error).__name__}); its log has more"
                await self._conclude(job, "failed", reason, None)
            finally:
                self._attempts = None

    async def _train(self, job: Job) -> None:
        record = job.record
        record.state, record.started = "running", record.started or self._means.now()
        attempts = self._attempts = Attempts(job, self._workshop)
        await self._save_or_log(record)
        log.info("a training begins", training=record.id, folder=record.folder)
        if not await attempts.follow(lambda: self._stopping):
            return
        run = attempts.run
        state, reason = outcome_of(run, record, self._limits)
        if run.report is not None:
            record.chunks = run.report.chunks
        await self._conclude(job, state, reason, run.final)

    async def _conclude(self, job: Job, state: Ended, reason: str | None, final: StageUpdate | None) -> None:
        """Keep how a job ended, and only then tell it."""
        record = job.record
        if record.is_over:
            return
        if final is None or final.status != state:
            final = last_update(job, state, reason or state)
        job.progress.conclude(state, record)
        if job.progress.files:  # a job that waits has none, and must not begin meanwhile
            try:
                await asyncio.to_thread(lambda: self._store.save_files(record.id, job.progress.rows()))
            except OSError as error:
                log.error("how a training's files ended can't be kept", training=record.id, error=str(error))
        record.state, record.reason, record.ended, record.last = state, reason, self._means.now(), final
        self._count(record)
        tell = log.warning if state == "failed" else log.info
        tell("a training is over", training=record.id, state=state, text=final.log)
        await self._save_or_log(record)
        await self._tell(record, final)
        if record.upload:
            await asyncio.to_thread(self._store.drop_upload, record.id)
            await self._drop_strays()
        self._jobs[record.id] = self._known(record)  # lets go of the states of its files
        await self._trim()
        async with self._ended:
            self._ended.notify_all()

    async def _tell(self, record: Record, final: StageUpdate) -> None:
        self._means.send(final)
        record.told = True
        await self._save_or_log(record)

    async def _drop_strays(self) -> None:
        unfinished = [job.record.id for job in self._jobs.values() if not job.record.is_over]
        await asyncio.to_thread(self._store.drop_strays, unfinished, self._means.now() - self._limits.stray)

    async def _trim(self) -> None:
        over = [job.record.id for job in self._jobs.values() if job.record.is_over]
        for id in over[: max(0, len(over) - self._limits.kept)]:
            del self._jobs[id]
            await asyncio.to_thread(self._store.forget, id)

    def _count(self, record: Record) -> None:
        self.numbers.jobs[record.state] += 1
        for outcome in ("trained", "skipped", "failed", "cancelled"):
            self.numbers.files[outcome] += getattr(record, outcome)
        self.numbers.chunks += record.chunks

    def _waiting(self) -> list[Job]:
        return [job for job in self._jobs.values() if job.record.state == "queued"]

    def _known(self, record: Record) -> Job:
        return Job(record, Progress(self._limits.kept_files))

    async def _save(self, record: Record) -> None:
        copy = record.model_copy()
        async with self._writing:
            await asyncio.to_thread(self._store.save, copy)

    async def _save_or_log(self, record: Record) -> None:
        try:
            await self._save(record)
        except OSError as error:
            log.error("a training job can't be written down", training=record.id, error=str(error))

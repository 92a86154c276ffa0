"""Analyses as jobs: a bounded queue, one at a time of each repository, cancelled singly or all together."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import structlog

from channels.messages.analysis import AnalysisSummary
from integrations.code_analysis.analysis import Limits, Request, analyse
from integrations.code_analysis.announcer import Announcer, Send
from integrations.code_analysis.finding import Finding
from integrations.code_analysis.git import GitFailed
from integrations.code_analysis.linter import Linter
from integrations.code_analysis.report import Report
from integrations.code_analysis.roots import Outside, Roots
from integrations.code_analysis.store import Store
from integrations.code_analysis.summary import NoSummary, Summarise

log = structlog.get_logger(__name__)

State = Literal["queued", "running", "completed", "failed", "cancelled"]
STOPPED = "the hub stopped"


class Busy(Exception):
    """The queue is full, or nothing more is taken because all ends."""


@dataclass(slots=True)
class Job:
    """One analysis.

    Attributes:
        repository: what readers know it by.
        created, started, ended: seconds since 1970; `None`: not yet.
        report: what was found so far; `None` until the commit is known.
        reason: why it failed or was cancelled.
    """

    id: str
    request: Request
    repository: str
    created: float
    state: State = "queued"
    started: float | None = None
    ended: float | None = None
    report: Report | None = None
    reason: str | None = None
    summary: AnalysisSummary | None = None
    summary_absent: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.state not in ("queued", "running")


@dataclass(frozen=True, slots=True)
class JobLimits:
    """Bounds.

    Attributes:
        concurrency: analyses at once.
        queue: that may wait.
        kept: that are over, and can still be asked for.
        timeout: seconds of one.
        findings: that are published one by one.
        interval: seconds between two progress messages of one.
    """

    concurrency: int = 1
    queue: int = 50
    kept: int = 20
    timeout: float = 900.0
    findings: int = 200
    interval: float = 0.5


@dataclass(frozen=True, slots=True)
class Means:
    """What every analysis works with.

    Attributes:
        linters: makes them.
        roots: where repositories have to be.
        summarise: asks the model, if there is one.
        now: seconds since 1970.
        clock: seconds, never falling.
        make_id: another one each time.
    """

    send: Send
    linters: Callable[[], Sequence[Linter]]
    store: Store
    roots: Roots | None
    now: Callable[[], float]
    clock: Callable[[], float]
    make_id: Callable[[], str]
    summarise: Summarise | None = None
    limits: Limits = field(default_factory=Limits)


class Analyses:
    """All analyses of this process. Used on one loop.

    Attributes:
        outcomes: runs that are over, by their state.
        findings: by linter and severity.
        files: by what became of them: `analysed`, `cached`, `skipped`.
        linter_failures: by linter.
        summaries: `made` and `absent`.
        seconds: that runs took, all together.
    """

    def __init__(self, means: Means, limits: JobLimits) -> None:
        self._means = means
        self._limits = limits
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._why: dict[str, str] = {}
        self._stopping = False
        self.outcomes: Counter[str] = Counter()
        self.findings: Counter[tuple[str, str]] = Counter()
        self.files: Counter[str] = Counter()
        self.linter_failures: Counter[str] = Counter()
        self.summaries: Counter[str] = Counter()
        self.seconds = 0.0

    def submit(self, request: Request, repository: str) -> Job:
        """Take an analysis. One that waits already, and is for the same, is returned instead.

        Raises:
            Busy: too many wait.
        """
        if self._stopping:
            raise Busy("the hub is stopping")
        waiting = [job for job in self._jobs.values() if job.state == "queued"]
        for job in waiting:
            if job.request == request:
                return job
        if len(waiting) >= self._limits.queue:
            raise Busy(f"{len(waiting)} analyses wait already, which is the limit (analysis.queue)")
        job = Job(self._means.make_id(), request, repository, self._means.now())
        self._jobs[job.id] = job
        self._schedule()
        return job

    def get(self, id: str) -> Job | None:
        """Return a job."""
        return self._jobs.get(id)

    def all(self) -> list[Job]:
        """Return all jobs that are known, the newest first."""
        return list(reversed(self._jobs.values()))

    def counts(self) -> tuple[int, int]:
        """Return how many run, and how many wait."""
        states = Counter(job.state for job in self._jobs.values())
        return states["running"], states["queued"]

    async def cancel(self, id: str, reason: str = "cancelled by request") -> bool:
        """End a job; `False` when it is over already, or unknown. It has ended when this returns."""
        job = self._jobs.get(id)
        if job is None or job.is_over:
            return False
        task = self._tasks.get(id)
        if task is None:
            self._end(job, "cancelled", reason)
            self._announcer(job).cancelled(job.request.ref, None, reason, 0.0)
            return True
        self._why.setdefault(id, reason)
        task.cancel()
        await asyncio.wait([task])
        return job.state == "cancelled"

    async def stop(self) -> None:
        """End all jobs; none is taken any more."""
        self._stopping = True
        for job in [job for job in self._jobs.values() if job.state == "queued"]:
            await self.cancel(job.id, STOPPED)
        await asyncio.gather(*(self.cancel(id, STOPPED) for id in list(self._tasks)))

    def _schedule(self) -> None:
        """Begin what may begin: the oldest first, none while another one of its repository runs."""
        busy = {job.request.path for job in self._jobs.values() if job.state == "running"}
        for job in list(self._jobs.values()):
            if self._stopping or len(self._tasks) >= self._limits.concurrency:
                return
            if job.state == "queued" and job.request.path not in busy:
                busy.add(job.request.path)
                job.state, job.started = "running", self._means.now()
                task = asyncio.create_task(self._run(job), name=f"analysis {job.id}")
                self._tasks[job.id] = task
                task.add_done_callback(partial(self._ended, job))

    async def _run(self, job: Job) -> None:
        means, announcer = self._means, self._announcer(job)
        begun = means.clock()
        try:
            async with asyncio.timeout(self._limits.timeout):
                watcher = _Follower(job, announcer)
                report = await analyse(job.request, means.linters(), means.store, means.limits, watcher, means.roots)
                await self._sum_up(job, report)
        except asyncio.CancelledError:
            self._end(job, "cancelled", self._why.pop(job.id, STOPPED))
            announcer.cancelled(job.request.ref, job.report, job.reason or "", means.clock() - begun)
            raise
        except TimeoutError:
            self._fail(job, announcer, f"it took longer than {self._limits.timeout:g} s (analysis.timeout)", begun)
        except (GitFailed, Outside) as error:
            self._fail(job, announcer, str(error), begun)
        except Exception as error:
            log.exception("an analysis failed", analysis=job.id)
            self._fail(job, announcer, f"a fault in the hub ({type(error).__name__}); its log has more", begun)
        else:
            self._count(report)
            self._end(job, "completed", None)
            announcer.completed(report, means.clock() - begun, job.summary, job.summary_absent)
        finally:
            self.seconds += means.clock() - begun

    async def _sum_up(self, job: Job, report: Report) -> None:
        if self._means.summarise is None:
            return
        if not report.total:
            job.summary_absent = "there is nothing to sum up"
            return
        try:
            job.summary = await self._means.summarise(report)
            self.summaries["made"] += 1
        except NoSummary as error:
            job.summary_absent = str(error)
            self.summaries["absent"] += 1

    def _fail(self, job: Job, announcer: Announcer, reason: str, begun: float) -> None:
        self._end(job, "failed", reason)
        announcer.failed(job.request.ref, job.report, reason, self._means.clock() - begun)

    def _end(self, job: Job, state: State, reason: str | None) -> None:
        job.state, job.reason, job.ended = state, reason, self._means.now()
        self.outcomes[state] += 1
        over = [known.id for known in self._jobs.values() if known.is_over]
        for id in over[: max(0, len(over) - self._limits.kept)]:
            del self._jobs[id]

    def _ended(self, job: Job, _task: asyncio.Task[None]) -> None:
        del self._tasks[job.id]
        if not job.is_over:  # cancelled before its first step
            reason = self._why.pop(job.id, STOPPED)
            self._end(job, "cancelled", reason)
            self._announcer(job).cancelled(job.request.ref, None, reason, 0.0)
        self._schedule()

    def _announcer(self, job: Job) -> Announcer:
        limits = self._limits
        return Announcer(
            self._means.send,
            job.id,
            job.repository,
            findings=limits.findings,
            interval=limits.interval,
            clock=self._means.clock,
        )

    def _count(self, report: Report) -> None:
        skipped = sum(report.skipped.values())
        self.files["cached"] += report.cached
        self.files["analysed"] += report.files - report.cached
        self.files["skipped"] += skipped
        for outcome in report.outcomes:
            self.linter_failures[outcome.name] += outcome.status == "failed"
        for (linter, severity), number in report.kinds.items():
            self.findings[linter, severity] += number


class _Follower:
    """Passes on what an analysis says, and keeps its report where who asks finds it."""

    def __init__(self, job: Job, announcer: Announcer) -> None:
        self._job = job
        self._announcer = announcer

    def started(self, report: Report) -> None:
        self._job.report = report
        self._announcer.started(report)

    def progressed(self, report: Report, linter: str | None) -> None:
        self._announcer.progressed(report, linter)

    def found(self, report: Report, finding: Finding, is_new: bool | None) -> None:
        self._announcer.found(report, finding, is_new)

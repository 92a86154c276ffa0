"""The run of a job: documents go through the pipeline one after another, and each step is told and written down."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from channels.messages.texts import LINE_MAX, one_line
from channels.messages.training import StageUpdate
from integrations.rag_trainer.discovery import Found, LeftOut
from integrations.rag_trainer.draft import Source
from integrations.rag_trainer.journal import Finished, Journal, Stamp
from integrations.rag_trainer.pipeline import Pipeline, Run, hash_of
from integrations.rag_trainer.progress import Progress, counted
from integrations.rag_trainer.reports import FileReport, TrainingReport
from integrations.rag_trainer.results import Duplicate, Result

_FIRST: Final = "folder walk"
"""What ended a file that was left out, in place of the first stage."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a job works with.

    Attributes:
        holder_of: says which document of the library has this file hash.
        send: where updates go.
        turn: is held for each stage: others may use the stores in between.
        clock: seconds, never set back.
    """

    pipeline: Pipeline
    journal: Journal
    holder_of: Callable[[str], str | None]
    send: Callable[[StageUpdate], None]
    turn: Callable[[], AbstractContextManager[None]]
    clock: Callable[[], float]


class Training:
    """Runs once. It is a witness of the pipeline (`pipeline.Witness`)."""

    def __init__(self, id: str, bench: Bench, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self._id = id
        self._bench = bench
        self._progress = progress
        self._cancelled = cancelled
        self._run: tuple[str, Stamp | None] = ("", None)

    def run(self, found: Found, notes: str) -> TrainingReport:
        """Train what was found; files that an earlier run of the job has finished count as they did then."""
        bench = self._bench
        begun = bench.clock()
        known = self._still_good(found)
        total = len(found.sources) + len(found.left_out)
        bench.send(self._progress.begun(total, len(known), _opening(total, len(known), found, notes)))
        reports: list[FileReport] = []
        for index, left_out in enumerate(found.left_out, start=1):
            reports.append(self._left_out(left_out, index))
        for index, source in enumerate(found.sources, start=len(found.left_out) + 1):
            done = known.get(source.name)
            if done is not None:
                reports.append(done.report)
            elif self._cancelled():
                reports.append(FileReport(name=source.name, outcome="cancelled", reason="cancelled"))
            else:
                reports.append(self._file(source, index))
        return ended(self._id, reports, bench.clock() - begun)

    def started(self, number: int, name: str) -> None:
        """Tell that a stage begins."""
        self._bench.send(self._progress.started(number, name))

    def done(self, number: int, name: str, result: Result, ms: float) -> None:
        """Write down what a stage made, then tell."""
        file, stamp = self._run
        if stamp is not None:
            self._bench.journal.keep(self._id, file, stamp, number, result, self._progress.seq)
        self._bench.send(self._progress.done(number, name, result.log, ms))

    def skipped(self, number: int, name: str, reason: str, text: str, ms: float) -> None:
        """Tell that a file needs no training."""
        self._bench.send(self._progress.skipped(number, name, reason, text, ms))

    def failed(self, number: int, name: str, reason: str, text: str, ms: float) -> None:
        """Tell that a file can't be trained."""
        self._bench.send(self._progress.failed(number, name, reason, text, ms))

    def _still_good(self, found: Found) -> dict[str, Finished]:
        """Return the finished files that haven't changed since, and are in the library as they were."""
        finished = self._bench.journal.finished(self._id)
        good = {}
        for source in found.sources:
            done = finished.get(source.name)
            if done is None or Stamp.of(source.path) != done.stamp:
                continue
            if done.report.outcome == "trained" and self._bench.holder_of(done.hash) != source.name:
                continue
            good[source.name] = done
        return good

    def _left_out(self, file: LeftOut, index: int) -> FileReport:
        self._progress.file(file.name, index)
        end = self._progress.failed if file.outcome == "failed" else self._progress.skipped
        self._bench.send(end(1, _FIRST, file.reason, file.text, 0.0))
        text = one_line(file.text, LINE_MAX)
        return FileReport(name=file.name, outcome=file.outcome, reason=file.reason, text=text, stage=1)

    def _file(self, source: Source, index: int) -> FileReport:
        bench = self._bench
        stamp = Stamp.of(source.path)
        run = Run(source, self._earlier(source, stamp))
        self._run = (source.name, stamp)
        self._progress.file(source.name, index, len(run.finished))
        report = bench.pipeline.run(run, self, self._cancelled, bench.turn)
        if report.outcome == "cancelled":
            return report
        if report.outcome == "trained":
            self._progress.file_done()
        hash_ = hash_of(run)
        # A failure may be due to what was away for a while, so it is tried again when the job goes on.
        kept = report.outcome != "failed" and stamp is not None
        finished = Finished(stamp, hash_ or "", report) if kept and stamp is not None else None
        bench.journal.finish(self._id, source.name, finished, self._progress.seq)
        return report

    def _earlier(self, source: Source, stamp: Stamp | None) -> list[Result]:
        """Return what an earlier run made of this file, if its bytes are the same."""
        if stamp is None:
            return []
        kinds = [stage.result for stage in self._bench.pipeline.stages]
        results = self._bench.journal.results(self._id, source.name, stamp, kinds)
        hashes = [result.file_hash for result in results if isinstance(result, Duplicate)]
        if hashes and hashes != [_sha256(source.path)]:
            self._bench.journal.forget(self._id, source.name)
            return []
        return results


def ended(job_id: str, reports: list[FileReport], seconds: float) -> TrainingReport:
    """Sum up what became of a job's files."""
    counts = counted(reports)
    text = f"{counts['trained']} trained, {counts['skipped']} skipped, {counts['failed']} failed"
    left = sum(report.outcome == "cancelled" for report in reports)
    in_index = counts["trained"] + sum(r.outcome == "skipped" and r.reason == "duplicate" for r in reports)
    state: Literal["completed", "failed", "cancelled"]
    if left:
        state, text = "cancelled", f"cancelled: {text}, {left} left; start the same job again to go on"
    elif in_index:
        state, text = "completed", f"complete: {text}; {counts['chunks']} chunks in {seconds:.1f} s"
    else:
        first = next((f"; {report.name}: {report.text}" for report in reports if report.outcome == "failed"), "")
        state, text = "failed", one_line(f"no file is in the index: {text}{first}", LINE_MAX)
    return TrainingReport(
        job_id=job_id, state=state, text=text, files=tuple(reports), seconds=round(seconds, 3), **counts
    )


def _opening(total: int, known: int, found: Found, notes: str) -> str:
    parts = [f"{total} file{'s' if total != 1 else ''}"]
    if known:
        parts.append(f"{known} done by an earlier run")
    if found.left_out:
        parts.append(f"{len(found.left_out)} left out")
    if found.hidden:
        parts.append(f"{found.hidden} hidden name{'s' if found.hidden != 1 else ''} passed over")
    return ", ".join(parts) + (f"; {notes}" if notes else "")


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None

"""How far a job is, as the updates that it sends."""

from __future__ import annotations

from typing import Any, Final

from channels.messages.texts import LINE_MAX, NAME_MAX, one_line
from channels.messages.training import STAGES, Stage, StageUpdate, Status, percent
from integrations.rag_trainer.reports import FileReport, TrainingReport

LEAP: Final = 16
"""By how much `seq` leaps when a job goes on after a kill: more than the updates that can be sent between two entries
in its journal, so none has the number of an earlier one."""

_STAGE: Final[dict[int, Stage]] = {
    1: "1/14",
    2: "2/14",
    3: "3/14",
    4: "4/14",
    5: "5/14",
    6: "6/14",
    7: "7/14",
    8: "8/14",
    9: "9/14",
    10: "10/14",
    11: "11/14",
    12: "12/14",
    13: "13/14",
    14: "14/14",
}


def waiting(job_id: str, position: int) -> StageUpdate:
    """Make the update of a job that waits for others; `position` counts those before it."""
    return StageUpdate(
        stage="queued",
        log=f"waits for {position} other job{'s' if position != 1 else ''}",
        progress=0,
        job_id=job_id,
        status="queued",
        files_total=0,
        overall_progress=0.0,
        seq=0,
        queue_position=position,
    )


class Progress:
    """Makes a job's updates, one after another. Not thread-safe: who runs the job calls it.

    Args:
        job_id: the job; one that goes on may turn out to be another.

    Attributes:
        seq: of the latest update.
    """

    def __init__(self, job_id: str) -> None:
        self.seq = 0
        self.job_id = job_id
        self._total = 0
        self._files_done = 0
        self._stages_done = 0
        self._overall = 0.0
        self._file: str | None = None
        self._index = 0

    def goes_on(self, job_id: str, seq: int) -> None:
        """Be about this job, of which an earlier run has noted `seq`; 0: there was none."""
        self.job_id = job_id
        self.seq = seq + LEAP if seq else 0

    def begun(self, files: int, done: int, log: str) -> StageUpdate:
        """The job starts with so many files, of which some are done from an earlier run."""
        self._total = files
        self._files_done = done
        return self._make("start", log, 0, "started")

    def file(self, name: str, index: int, stages_done: int = 0) -> None:
        """Turn to a file, the how-manieth of all, of which an earlier run has finished some stages."""
        self._file = one_line(name, LINE_MAX) or "-"
        self._index = index
        self._stages_done = stages_done

    def started(self, number: int, name: str) -> StageUpdate:
        """A stage of the file starts."""
        return self._stage(number, name, f"{name}: started", "started")

    def done(self, number: int, name: str, log: str, ms: float) -> StageUpdate:
        """It ended well."""
        self._stages_done = number
        return self._stage(number, name, log, "done", ms)

    def skipped(self, number: int, name: str, reason: str, log: str, ms: float) -> StageUpdate:
        """It found that the file needs no training; the file ends here."""
        self._stages_done = number
        return self._ended(self._stage(number, name, log, "skipped", ms, reason))

    def failed(self, number: int, name: str, reason: str, log: str, ms: float) -> StageUpdate:
        """It can't be done; the file ends here."""
        return self._ended(self._stage(number, name, f"{name} failed: {log}", "failed", ms, reason))

    def file_done(self) -> None:
        """The file is through."""
        self._files_done += 1
        self._stages_done = 0

    def ended(self, report: TrainingReport) -> StageUpdate:
        """The job ends, and this is its last update."""
        self._file = None
        complete = report.state == "completed"
        if complete:
            self._overall = 100.0
        counts = {
            "trained": report.trained,
            "skipped": report.skipped,
            "failed": report.failed,
            "chunks": report.chunks,
        }
        progress = 100 if complete else 0
        return self._make("complete" if complete else "error", report.text, progress, report.state, **counts)

    def _ended(self, update: StageUpdate) -> StageUpdate:
        self.file_done()
        return update

    def _stage(
        self, number: int, name: str, log: str, status: Status, ms: float | None = None, reason: str | None = None
    ) -> StageUpdate:
        return self._make(
            _STAGE[number],
            f"{self._file}: {log}",
            percent(self._stages_done),
            status,
            file=self._file,
            file_index=self._index,
            stage_index=number,
            stage_name=one_line(name, NAME_MAX) or None,
            stage_ms=None if ms is None else round(ms, 1),
            reason=None if reason is None else one_line(reason, NAME_MAX) or "unknown",
        )

    def _make(self, stage: Stage, log: str, progress: int, status: Status, **more: Any) -> StageUpdate:
        self.seq += 1
        return StageUpdate(
            stage=stage,
            log=one_line(log, LINE_MAX),
            progress=progress,
            job_id=self.job_id,
            status=status,
            files_total=self._total,
            overall_progress=self._so_far(),
            seq=self.seq,
            **more,
        )

    def _so_far(self) -> float:
        """Return the share of stages that are done, rounded down to a decimal: 100 is for the end alone."""
        if self._overall < 100 and self._total:
            done = self._files_done * STAGES + self._stages_done
            self._overall = max(self._overall, min(99.9, 1_000 * done // (self._total * STAGES) / 10))
        return self._overall


def counted(reports: list[FileReport]) -> dict[str, int]:
    """Count what became of files: the numbers of a `TrainingReport`."""
    outcomes = [report.outcome for report in reports]
    return {
        "trained": outcomes.count("trained"),
        "skipped": outcomes.count("skipped"),
        "failed": outcomes.count("failed"),
        "chunks": sum(report.chunks for report in reports),
    }

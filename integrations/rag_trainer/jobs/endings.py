"""How a job ended, and what is said about jobs that no worker speaks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from channels.messages.training import StageUpdate
from integrations.rag_trainer.jobs.job import Ended, Job, Record
from integrations.rag_trainer.jobs.run import JobLimits, Run

_LEAP: Final = 1_000_000_000
"""`seq` when nobody knows any more how far it was: it has to rise."""


def outcome_of(run: Run, record: Record, limits: JobLimits) -> tuple[Ended, str | None]:
    """Return how a job ended, and why."""
    timeout = f"it took longer than {limits.timeout:g} s (rag_trainer.timeout)"
    killed = f"the stage it was in didn't end within {limits.cancel_timeout:g} s, and its process was killed"
    if run.report is not None:
        if run.report.state == "cancelled" and run.why == "timeout":
            return "failed", timeout
        return run.report.state, None if run.report.state == "completed" else run.report.text
    if run.final is not None and run.final.status in ("completed", "failed", "cancelled"):
        return run.final.status, run.final.log
    if run.why == "timeout":
        return "failed", timeout
    if run.why == "cancelled":
        return "cancelled", f"cancelled by request: {killed}"
    if run.fault is not None:
        return "failed", run.fault
    where = f"in {run.at}" if run.at else "in no document"
    return "failed", f"its process died {record.deaths} times, the last time {where}: {run.death}"


def standing(jobs: Sequence[Job]) -> list[StageUpdate]:
    """Return what tells somebody new how things are, where no history does: what waits, or how the last job ended.

    The first job that isn't over is about to run, and tells so itself.
    """
    left = [job for job in jobs if not job.record.is_over]
    if left:
        return [queued_update(job.record, ahead) for ahead, job in enumerate(left) if ahead]
    ended = [job.record for job in jobs if job.record.last is not None]
    newest = max(ended, key=lambda record: record.ended or 0.0, default=None)
    return [] if newest is None or newest.last is None else [newest.last]


def queued_update(record: Record, position: int) -> StageUpdate:
    ahead = "next" if not position else f"{position} before it"
    return StageUpdate(
        stage="queued",
        log=f"Training {record.id} is queued: {ahead}",
        progress=0,
        job_id=record.id,
        status="queued",
        files_total=record.files_total,
        overall_progress=0.0,
        seq=0,
        queue_position=position,
    )


def last_update(job: Job, state: Ended, reason: str) -> StageUpdate:
    """Make the last update of a job whose worker sent none."""
    record, newest = job.record, job.progress.last
    seq = newest.seq + 1 if newest is not None else _LEAP if record.started is not None else 1
    done = state == "completed"
    return StageUpdate(
        stage="complete" if done else "error",
        log=reason[:2_000],
        progress=100 if done else 0,
        job_id=record.id,
        status=state,
        files_total=record.files_total,
        overall_progress=100.0 if done else 0.0 if newest is None else min(newest.overall_progress, 99.9),
        seq=seq,
        reason=None if done else state,
        trained=record.trained,
        skipped=record.skipped,
        failed=record.failed,
        chunks=record.chunks,
    )

"""What is said about jobs that no worker speaks for."""

from __future__ import annotations

from integrations.rag_trainer.jobs.endings import last_update, queued_update, standing
from integrations.rag_trainer.jobs.job import Job, Progress, Record
from integrations.rag_trainer.progress import Progress as Updates


def test_the_last_update_goes_on_from_the_newest() -> None:
    """`seq` rises, and overall progress doesn't fall."""
    record = Record(id="t-1", number=1, folder="/d", base="/d", created=1.0)
    job = Job(record, Progress(10))
    assert last_update(job, "cancelled", "why").seq == 1
    newest = Updates("t-1").begun(3, 1, "3 files")
    job.progress.note(newest, record)
    last = last_update(job, "failed", "why")
    assert (last.seq, last.overall_progress, last.stage, last.progress, last.log) == (
        2,
        newest.overall_progress,
        "error",
        0,
        "why",
    )


def test_a_queued_job_says_its_place() -> None:
    """With `seq` 0."""
    record = Record(id="t-1", number=1, folder="/d", base="/d", created=1.0)
    update = queued_update(record, 2)
    assert (update.stage, update.queue_position, update.seq) == ("queued", 2, 0)


def test_how_things_are_is_told_of_what_waits_or_has_ended_last() -> None:
    """Of the job that is about to run nothing: it speaks for itself."""
    jobs = [Job(Record(id=f"t-{n}", number=n, folder="/d", base="/d", created=1.0), Progress(1)) for n in range(4)]
    assert [(update.job_id, update.queue_position) for update in standing(jobs)] == [("t-1", 1), ("t-2", 2), ("t-3", 3)]
    for job, ended in zip(jobs, (7.0, 9.0, 8.0, 6.0), strict=True):
        job.record.state, job.record.ended = "completed", ended
        job.record.last = last_update(job, "completed", "over")
    assert [update.job_id for update in standing(jobs)] == ["t-1"]
    assert standing([]) == []

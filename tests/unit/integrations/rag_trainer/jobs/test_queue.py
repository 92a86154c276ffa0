"""The queue of jobs."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from integrations.rag_trainer.jobs.queue import Busy
from integrations.rag_trainer.jobs.run import JobLimits
from tests.live import until
from tests.rag_jobs import placed, write_documents

LAST = {"complete", "error"}


async def test_jobs_run_one_after_another(tmp_path: Path) -> None:
    """Each says its place, and ends with exactly one last update."""
    write_documents(tmp_path / "documents", a="sleep=0.01", b="")
    async with placed(tmp_path) as place:
        first, second = await place.submit("t-1"), await place.submit("t-2")
        assert place.trainings.position(second) == 1
        await until(lambda: place.trainings.counts() == (0, 0))
    assert first.record.state == second.record.state == "completed"
    for id in ("t-1", "t-2"):
        updates = place.of(id)
        assert [update.stage for update in updates if update.stage in LAST] == ["complete"]
        assert updates[-1].stage == "complete"
        assert [update.seq for update in updates] == sorted(update.seq for update in updates)
    assert place.of("t-2")[0].queue_position == 1
    assert place.of("t-1")[-1].seq < len(place.sent)
    assert place.sent.index(place.of("t-1")[-1]) < place.sent.index(place.of("t-2")[1])
    assert place.trained() == ["a.txt", "b.txt"] * 2


async def test_a_full_queue_takes_no_more(tmp_path: Path) -> None:
    """The one that runs doesn't count."""
    write_documents(tmp_path / "documents", a="sleep=0.2")
    async with placed(tmp_path, JobLimits(queue=1)) as place:
        first = await place.submit("t-1")
        await until(lambda: first.record.state == "running")
        await place.submit("t-2")
        with pytest.raises(Busy, match="1 trainings wait"):
            await place.submit("t-3")
        assert (await place.submit("t-2")).record.id == "t-2"
    with pytest.raises(Busy, match="stopping"):
        await place.submit("t-4")


async def test_a_waiting_job_is_cancelled_at_once(tmp_path: Path) -> None:
    """And one that is over can't be."""
    write_documents(tmp_path / "documents", a="sleep=0.1")
    async with placed(tmp_path) as place:
        await place.submit("t-1")
        second = await place.submit("t-2")
        assert await place.trainings.cancel("t-2")
        assert second.record.state == "cancelled"
        assert not await place.trainings.cancel("t-2")
        assert not await place.trainings.cancel("t-9")
    last = place.of("t-2")[-1]
    assert (last.stage, last.status, last.progress) == ("error", "cancelled", 0)


async def test_a_running_job_is_cancelled_between_stages(tmp_path: Path) -> None:
    """What was done stays; what is left is told as cancelled."""
    write_documents(tmp_path / "documents", a="", b="sleep=0.1", c="")
    async with placed(tmp_path) as place:
        job = await place.submit()
        await until(lambda: any(update.file == "b.txt" for update in place.sent))
        assert await place.trainings.cancel("t-1")
        await until(lambda: job.record.is_over)
        files = await place.trainings.files(job, 0, 10)
    assert job.record.state == "cancelled"
    assert [file["state"] for file in files] == ["trained", "cancelled", "cancelled"]
    assert place.trained() == ["a.txt"]
    assert place.sent[-1].status == "cancelled"


async def test_a_stage_that_does_not_end_is_killed(tmp_path: Path) -> None:
    """When its time is up, and the job is cancelled all the same."""
    write_documents(tmp_path / "documents", a="sleep=1000")
    async with placed(tmp_path, JobLimits(cancel_timeout=0.2)) as place:
        job = await place.submit()
        await until(lambda: any(update.stage == "1/14" for update in place.sent))
        await place.trainings.cancel("t-1")
        assert place.trainings.is_ending(job) or job.record.is_over
        await until(lambda: job.record.is_over)
    assert job.record.state == "cancelled"
    assert "was killed" in (job.record.reason or "")
    assert place.sent[-1].status == "cancelled"


async def test_a_job_that_takes_too_long_fails(tmp_path: Path) -> None:
    """With the option that says so."""
    write_documents(tmp_path / "documents", a="sleep=1000")
    async with placed(tmp_path, JobLimits(timeout=0.5, cancel_timeout=0.1)) as place:
        job = await place.submit()
        await until(lambda: job.record.is_over)
    assert job.record.state == "failed"
    assert "rag_trainer.timeout" in place.sent[-1].log


async def test_a_stopped_hub_goes_on_later(tmp_path: Path) -> None:
    """With the running job first, and then those that wait; each ends once."""
    write_documents(tmp_path / "documents", a="", b="sleep=0.05")
    async with placed(tmp_path) as place:
        await place.submit("t-1")
        await place.submit("t-2")
        await until(lambda: any(update.file == "b.txt" for update in place.sent))
    assert all(update.stage not in LAST for update in place.sent)
    async with placed(tmp_path) as again:
        await until(lambda: again.trainings.counts() == (0, 0))
        assert [job.record.state for job in again.trainings.all()] == ["completed", "completed"]
    assert again.trained() == ["a.txt", "b.txt"] * 2


async def test_files_of_a_first_run_are_told_of_in_the_next(tmp_path: Path) -> None:
    """While the job goes on; a hub that was killed had noted them, too."""
    write_documents(tmp_path / "documents", a="", b="fail=1", c="sleep=1000")
    async with placed(tmp_path, JobLimits(stop_timeout=0.0)) as place:
        await place.submit()
        await until(lambda: any(update.file == "c.txt" for update in place.sent))
    async with placed(tmp_path, JobLimits(stop_timeout=0.0)) as again:
        job = again.trainings.get("t-1")
        assert job is not None
        assert (job.record.trained, job.record.failed) == (1, 1)
        before = await again.trainings.files(job, 0, 10)
        assert [(file["name"], file["state"], file["stage"]) for file in before] == [
            ("a.txt", "trained", 14),
            ("b.txt", "failed", 3),
        ]
        await until(lambda: any(update.file == "c.txt" for update in again.sent))
        during = await again.trainings.files(job, 0, 10)
        assert [file["state"] for file in during] == ["trained", "failed", "running"]
        assert (job.record.trained, job.record.failed) == (1, 1)
        assert await again.trainings.files(job, 2, 1) == during[2:]


async def test_nobody_who_can_read_no_history_is_left_in_the_dark(tmp_path: Path) -> None:
    """Jobs that wait say so again after a start; when there are none, the newest end is told again."""
    write_documents(tmp_path / "documents", a="sleep=0.05")
    async with placed(tmp_path, JobLimits(stop_timeout=0.0)) as place:
        for id in ("t-1", "t-2", "t-3"):
            await place.submit(id)
    async with placed(tmp_path, afresh=True) as again:
        assert [(update.job_id, update.queue_position) for update in again.sent] == [("t-2", 1), ("t-3", 2)]
        await until(lambda: again.trainings.counts() == (0, 0))
    async with placed(tmp_path, afresh=True) as third:
        assert third.sent == [again.of("t-3")[-1]]
    async with placed(tmp_path) as fourth:
        assert fourth.sent == []


async def test_an_end_that_was_not_told_is_told(tmp_path: Path) -> None:
    """A kill came between keeping it and telling it."""
    write_documents(tmp_path / "documents", a="")
    async with placed(tmp_path) as place:
        job = await place.submit()
        await until(lambda: job.record.told)
    job.record.told = False
    place.store.save(job.record)
    for expected in (["complete"], []):
        async with placed(tmp_path) as again:
            assert [update.stage for update in again.sent] == expected


async def test_a_failed_file_is_told_and_no_more(tmp_path: Path) -> None:
    """The job goes on; numbers are counted."""
    write_documents(tmp_path / "documents", a="fail=1", b="")
    async with placed(tmp_path) as place:
        job = await place.submit()
        await until(lambda: job.record.is_over)
        files = await place.trainings.files(job, 0, 10)
    assert [(file["state"], file["reason"], file["stage"]) for file in files] == [
        ("failed", "broken", 3),
        ("trained", None, 14),
    ]
    numbers = place.trainings.numbers
    assert numbers.files == {"trained": 1, "skipped": 0, "failed": 1, "cancelled": 0}
    assert numbers.stages["stage 3", "failed"] == 1
    assert numbers.stage_seconds["stage 1"] == pytest.approx(0.002)


async def test_old_jobs_and_uploads_go(tmp_path: Path) -> None:
    """Jobs that are over are bounded in number; an upload goes with the end of its job."""
    async with placed(tmp_path, JobLimits(kept=1)) as place:
        for id in ("t-1", "t-2"):
            base = write_documents(place.store.uploads / id, a="")
            job = await place.submit(id, base=str(base), upload=True)
            await until(lambda job=job: job.record.told)  # type: ignore[misc]
            await until(lambda base=base: not base.exists())  # type: ignore[misc]
        await until(lambda: len(place.trainings.all()) == 1)
        assert place.trainings.get("t-1") is None
    assert [record.id for record in place.store.load()] == ["t-2"]


async def test_an_upload_on_its_way_is_left_alone(tmp_path: Path) -> None:
    """Another process of the hub may be receiving it while this one takes the queue over."""
    for id, age in (("t-8", 0), ("t-9", 10_000)):
        write_documents(tmp_path / "uploads" / id, a="")
        for path in (tmp_path / "uploads" / id, tmp_path / "uploads" / id / "a.txt"):
            os.utime(path, (time.time() - age,) * 2)
    async with placed(tmp_path) as place:
        assert [path.name for path in place.store.uploads.iterdir()] == ["t-8"]


async def test_the_log_tells_of_jobs_and_of_what_workers_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """When one begins, how it ended, and the last lines of its process's standard error."""
    write_documents(tmp_path / "documents", a="fail=1")
    async with placed(tmp_path) as place:
        job = await place.submit()
        await until(lambda: job.record.told)
    lines = capsys.readouterr().out.splitlines()
    told = [next(line for line in lines if text in line) for text in ("begins", "wrote on standard error", "is over")]
    assert told == [line for line in lines if line in told]
    assert "what a library prints is no message" in told[1]
    assert "warning" in told[2]
    assert "failed: 0 trained" in told[2]


async def test_a_worker_that_cannot_be_started_fails_the_job(tmp_path: Path) -> None:
    """With the reason."""
    async with placed(tmp_path, command=("/nowhere/python",)) as place:
        job = await place.submit()
        await until(lambda: job.record.is_over)
    assert "no worker process can be started" in (job.record.reason or "")

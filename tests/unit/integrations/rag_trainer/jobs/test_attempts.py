"""Attempts at a job whose worker dies."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.rag_trainer.jobs.run import JobLimits
from tests.live import until
from tests.rag_jobs import placed, write_documents

LAST = {"complete", "error"}


async def test_a_worker_that_dies_is_started_again(tmp_path: Path) -> None:
    """And goes on from the journal: nothing is trained twice."""
    write_documents(tmp_path / "documents", a="", b="die=once")
    async with placed(tmp_path) as place:
        job = await place.submit()
        await until(lambda: job.record.is_over)
    assert (job.record.state, job.record.deaths, place.trainings.numbers.restarts) == ("completed", 1, 1)
    assert place.trained() == ["a.txt", "b.txt"]
    assert [update.stage for update in place.sent if update.stage in LAST] == ["complete"]


async def test_a_document_that_kills_the_worker_fails_alone(tmp_path: Path) -> None:
    """It is named, with the stage and the signal, and the others are trained once each."""
    write_documents(tmp_path / "documents", a="", b="die=always", c="", d="die=always", e="")
    async with placed(tmp_path) as place:
        job = await place.submit()
        await until(lambda: job.record.is_over)
        files = await place.trainings.files(job, 0, 10)
    assert (job.record.state, job.record.trained, job.record.failed, job.record.deaths) == ("completed", 3, 2, 4)
    assert [file["state"] for file in files] == ["trained", "failed", "trained", "failed", "trained"]
    assert (files[1]["reason"], files[1]["stage"]) == ("crash", 1)
    assert "died in it twice, by signal SIGKILL" in files[1]["text"]
    told = {(update.file, update.reason) for update in place.sent if update.status == "failed"}
    assert told == {("b.txt", "crash"), ("d.txt", "crash")}
    assert place.trained() == ["a.txt", "c.txt", "e.txt"]
    assert [update.stage for update in place.sent if update.stage in LAST] == ["complete"]


async def test_a_worker_that_dies_at_nothing_fails_the_job(tmp_path: Path) -> None:
    """There is no document to leave out. The next job runs."""
    documents = write_documents(tmp_path / "documents", a="die=start")
    write_documents(documents / "good", b="")
    async with placed(tmp_path) as place:
        job = await place.submit()
        good = await place.submit("t-2", files=(str(documents / "good"),))
        await until(lambda: good.record.is_over)
    assert (job.record.state, job.record.deaths, good.record.state) == ("failed", 2, "completed")
    assert "died 2 times, the last time in no document: signal SIGKILL" in (job.record.reason or "")
    assert [update.stage for update in place.of("t-1") if update.stage in LAST] == ["error"]


async def test_the_deaths_of_a_job_are_bounded(tmp_path: Path) -> None:
    """However many documents they come of; the last one is named."""
    write_documents(tmp_path / "documents", a="die=always", b="die=always")
    async with placed(tmp_path, JobLimits(deaths=2)) as place:
        job = await place.submit()
        await until(lambda: job.record.is_over)
    assert (job.record.state, job.record.deaths) == ("failed", 3)
    assert "died 3 times, the last time in b.txt" in (job.record.reason or "")


async def test_a_document_that_takes_too_much_memory_fails_at_once(tmp_path: Path) -> None:
    """With the option that says so; one try is enough."""
    write_documents(tmp_path / "documents", a="eat=300", b="")
    async with placed(tmp_path, JobLimits(memory=250 << 20)) as place:
        job = await place.submit()
        await until(lambda: job.record.is_over)
        files = await place.trainings.files(job, 0, 10)
    assert (job.record.state, job.record.deaths) == ("completed", 1)
    assert [(file["state"], file["reason"]) for file in files] == [("failed", "memory"), ("trained", None)]
    assert "rag_trainer.worker_memory" in files[0]["text"]


async def test_what_was_left_out_stays_so_after_a_restart(tmp_path: Path) -> None:
    """The hub is stopped in the middle, and the next one doesn't try it again."""
    write_documents(tmp_path / "documents", a="die=always", b="sleep=0.1")
    async with placed(tmp_path, JobLimits(stop_timeout=0.0)) as place:
        await place.submit()
        await until(lambda: any(update.file == "b.txt" for update in place.sent))
    async with placed(tmp_path) as again:
        job = again.trainings.get("t-1")
        assert job is not None
        await until(lambda: job.record.is_over)
    assert (job.record.state, job.record.deaths, job.record.failed) == ("completed", 2, 1)


async def test_states_that_cannot_be_kept_stop_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is said once, and not for each document."""
    write_documents(tmp_path / "documents", a="", b="")

    def full(_id: str, _rows: object) -> None:
        raise OSError(28, "No space left on device")

    async with placed(tmp_path) as place:
        monkeypatch.setattr(place.store, "add_files", full)
        job = await place.submit()
        await until(lambda: job.record.is_over)
    assert job.record.state == "completed"
    assert capsys.readouterr().out.count("No space left") == 1

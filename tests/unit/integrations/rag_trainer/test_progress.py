"""A job's updates."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from channels.messages.training import StageUpdate
from integrations.rag_trainer.progress import LEAP, Progress, counted, waiting
from integrations.rag_trainer.reports import FileReport, TrainingReport


def _begun(files: int, done: int = 0) -> Progress:
    progress = Progress("j-1")
    progress.begun(files, done, "begins")
    return progress


def _report(state: str = "completed", **fields: int) -> TrainingReport:
    return TrainingReport.model_validate({"job_id": "j-1", "state": state, "text": "over", **fields})


def test_a_document_goes_from_7_to_100() -> None:
    """A stage that has started has the progress of the one before."""
    progress = _begun(1)
    progress.file("a.md", 1)
    updates = []
    for number in range(1, 15):
        updates += [progress.started(number, "name"), progress.done(number, "name", "log", 1.25)]
    assert [update.stage for update in updates[1::2]] == [f"{n}/14" for n in range(1, 15)]
    assert [update.progress for update in updates[1::2]] == [7, 14, 21, 29, 36, 43, 50, 57, 64, 71, 79, 86, 93, 100]
    assert [update.progress for update in updates[::2]] == [0, 7, 14, 21, 29, 36, 43, 50, 57, 64, 71, 79, 86, 93]
    assert updates[-1] == StageUpdate(
        stage="14/14",
        log="a.md: log",
        progress=100,
        job_id="j-1",
        status="done",
        file="a.md",
        file_index=1,
        files_total=1,
        stage_index=14,
        stage_name="name",
        stage_ms=1.2,
        overall_progress=99.9,
        seq=29,
    )


def test_the_end_is_100_or_0() -> None:
    """With the counts; the job's share of work stays what it was unless the job is complete."""
    progress = _begun(2, done=1)
    complete = progress.ended(_report(trained=1, skipped=2, failed=3, chunks=4))
    assert (complete.stage, complete.status, complete.progress) == ("complete", "completed", 100)
    assert complete.overall_progress == 100
    assert (complete.trained, complete.skipped, complete.failed, complete.chunks) == (1, 2, 3, 4)
    for state in ("failed", "cancelled"):
        end = _begun(2, done=1).ended(_report(state))
        assert (end.stage, end.status, end.progress, end.overall_progress) == ("error", state, 0, 50.0)
        assert (end.file, end.log) == (None, "over")


def test_skipped_and_failed_end_the_file_with_a_reason() -> None:
    """A skipped one has done its stage; a failed one hasn't."""
    progress = _begun(2)
    progress.file("a.md", 1)
    progress.done(1, "first", "log", 1.0)
    skipped = progress.skipped(2, "second", "duplicate", "is b.md", 1.0)
    assert (skipped.stage, skipped.status, skipped.progress, skipped.reason) == ("2/14", "skipped", 14, "duplicate")
    progress.file("c.md", 2)
    progress.done(1, "first", "log", 1.0)
    failed = progress.failed(2, "second", "encrypted", "give it without a password", 1.0)
    assert (failed.stage, failed.status, failed.progress, failed.reason) == ("2/14", "failed", 7, "encrypted")
    assert failed.log == "c.md: second failed: give it without a password"


def test_odd_names_and_logs_fit() -> None:
    """A file's name may hold anything that a file system lets it."""
    progress = _begun(1)
    progress.file("a\n\u202e\x00" + "x" * 4_000, 1)
    update = progress.failed(1, "", "", "two\nlines" + "y" * 50_000, 0.0)
    assert "\n" not in update.log
    assert len(update.log) <= 1_000
    assert update.reason == "unknown"
    progress.file("\n", 1)
    assert progress.started(1, "x").file == "-"


def test_a_job_that_waits_says_for_how_many() -> None:
    """It has no number yet."""
    update = waiting("j-2", 1)
    assert (update.stage, update.status, update.seq, update.queue_position) == ("queued", "queued", 0, 1)
    assert (update.log, waiting("j-3", 2).log) == ("waits for 1 other job", "waits for 2 other jobs")


def test_numbers_leap_when_a_job_goes_on() -> None:
    """So none comes twice."""
    progress = Progress("new")
    progress.goes_on("old", 40)
    update = progress.begun(1, 0, "goes on")
    assert (update.job_id, update.seq) == ("old", 40 + LEAP + 1)
    fresh = Progress("new")
    fresh.goes_on("new", 0)
    assert fresh.begun(1, 0, "begins").seq == 1


@given(st.integers(1, 40), st.data())
def test_nothing_falls(files: int, data: st.DataObject) -> None:
    """Numbers rise by one; progress never falls within a file, the job's never at all, and is below 100 to the end."""
    progress = Progress("j")
    done = data.draw(st.integers(0, files - 1))
    updates = [progress.begun(files, done, "begins")]
    for index in range(done + 1, files + 1):
        resumed = data.draw(st.integers(0, 13))
        progress.file(f"{index}", index, resumed)
        last = data.draw(st.integers(resumed + 1, 14))
        for number in range(resumed + 1, last + 1):
            updates += [progress.started(number, "s"), progress.done(number, "s", "l", 0.0)]
        progress.file_done()
    assert [update.seq for update in updates] == list(range(1, len(updates) + 1))
    overall = [update.overall_progress for update in updates]
    assert overall == sorted(overall)
    assert max(overall) < 100
    for one, other in pairwise(updates):
        assert one.file != other.file or one.progress <= other.progress
    assert progress.ended(_report()).overall_progress == 100


def test_outcomes_are_counted() -> None:
    """Chunks too."""
    files = [
        FileReport(name="a", outcome="trained", chunks=3),
        FileReport(name="b", outcome="trained", chunks=4),
        FileReport(name="c", outcome="skipped"),
        FileReport(name="d", outcome="failed"),
        FileReport(name="e", outcome="cancelled"),
    ]
    assert counted(files) == {"trained": 2, "skipped": 1, "failed": 1, "chunks": 7}

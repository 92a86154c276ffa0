"""Analyses as jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from channels.messages.analysis import AnalysisSummary
from integrations.code_analysis.analysis import Request
from integrations.code_analysis.jobs import Analyses, Busy, Job, JobLimits, Means
from integrations.code_analysis.report import Report
from integrations.code_analysis.roots import Roots
from integrations.code_analysis.summary import NoSummary, Summarise
from tests.live import until
from tests.unit.integrations.code_analysis.repositories import WordLinter, make_repository, make_store

ENDS = {"analysis_completed", "analysis_failed", "analysis_cancelled"}


def counting() -> Callable[[], str]:
    numbers: Iterator[int] = iter(range(1, 1000))
    return lambda: f"a-{next(numbers)}"


class Room:
    """Jobs on repositories of their own, with linters that wait when they are told to."""

    def __init__(self, folder: Path, *, summarise: Summarise | None = None, **limits: Any) -> None:
        self.folder = folder
        self.linter = WordLinter()
        self.linters: list[WordLinter] = []
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.jobs = Analyses(
            Means(
                send=self._send,
                linters=self._make,
                store=make_store(),
                roots=Roots([folder]),
                now=lambda: 1_795_256_100.0,
                clock=asyncio.get_running_loop().time,
                make_id=counting(),
                summarise=summarise,
            ),
            JobLimits(**limits),
        )

    def _send(self, _channel: str, type: str, message: Any) -> bool:
        self.messages.append((type, message.model_dump(mode="json")))
        return True

    def _make(self) -> list[WordLinter]:
        self.linters.append(self.linter)
        return [self.linter]

    def repository(self, name: str) -> Path:
        path = self.folder / name
        return path if path.exists() else make_repository(path, {"a.txt": f"bad {name}\n"})

    def submit(self, name: str, **request: Any) -> Job:
        return self.jobs.submit(Request(self.repository(name), **request), name)

    def ends(self, job: Job) -> list[str]:
        return [type for type, data in self.messages if data["analysis_id"] == job.id and type in ENDS]

    async def over(self, *jobs: Job) -> None:
        await until(lambda: all(job.is_over for job in jobs))
        assert [self.ends(job) for job in jobs] == [[f"analysis_{job.state}"] for job in jobs]


async def test_a_job_runs_and_tells(tmp_path: Path) -> None:
    """Started, progress, findings and one end, in this order; the job has the same."""
    room = Room(tmp_path)
    job = room.submit("one")
    assert job.state == "running"
    await room.over(job)
    types = [type for type, _ in room.messages]
    assert types[0] == "analysis_started"
    assert types[-1] == "analysis_completed"
    assert set(types[1:-1]) == {"analysis_progress", "analysis_finding"}
    assert job.report is not None
    assert (job.state, job.report.total, job.reason) == ("completed", 1, None)
    assert room.jobs.outcomes == {"completed": 1}
    assert room.jobs.findings == {("words", "warning"): 1}
    assert room.jobs.files["analysed"] == 1
    assert room.jobs.seconds > 0
    assert {data["summary"] for type, data in room.messages if type == "analysis_completed"} == {None}


async def test_a_failure_is_told_once(tmp_path: Path) -> None:
    """With the reason, and without a start."""
    room = Room(tmp_path)
    job = room.submit("one", ref="nope")
    await room.over(job)
    assert (job.state, job.reason) == ("failed", "there is no commit 'nope'")
    assert [type for type, _ in room.messages] == ["analysis_failed"]


async def test_a_fault_of_ours_is_a_failure(tmp_path: Path) -> None:
    """Logged with its traceback; the next job runs."""
    room = Room(tmp_path)
    room.linter.name = "x" * 500  # which fits into no message
    job = room.submit("one")
    await room.over(job)
    assert "a fault in the hub (ValidationError)" in (job.reason or "")
    room.linter.name = "words"
    again = room.submit("one")
    await room.over(again)
    assert again.state == "completed"


async def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    """By the job's own limit."""
    room = Room(tmp_path, timeout=0.3)
    room.linter.gate.clear()
    job = room.submit("one")
    await room.over(job)
    assert (job.state, job.reason) == ("failed", "it took longer than 0.3 s (analysis.timeout)")


async def test_jobs_wait_for_their_turn(tmp_path: Path) -> None:
    """As many at once as are allowed, and never two of one repository; the oldest first."""
    room = Room(tmp_path, concurrency=2)
    room.linter.gate.clear()
    jobs = [room.submit("one"), room.submit("one", ref="main"), room.submit("two"), room.submit("three")]
    assert [job.state for job in jobs] == ["running", "queued", "running", "queued"]
    assert room.jobs.counts() == (2, 2)
    room.linter.gate.set()
    await room.over(*jobs)
    assert [job.state for job in jobs] == ["completed"] * 4
    assert [job.id for job in room.jobs.all()] == ["a-4", "a-3", "a-2", "a-1"]


async def test_the_queue_is_bounded(tmp_path: Path) -> None:
    """What is asked for twice waits once."""
    room = Room(tmp_path, queue=2)
    room.linter.gate.clear()
    first, second, third = room.submit("one"), room.submit("two"), room.submit("three")
    assert room.submit("two") is second
    with pytest.raises(Busy, match=r"2 analyses wait already, which is the limit \(analysis.queue\)"):
        room.submit("four")
    room.linter.gate.set()
    await room.over(first, second, third)


async def test_a_running_job_is_cancelled(tmp_path: Path) -> None:
    """It has ended when that is answered; a second time there is nothing to cancel."""
    room = Room(tmp_path)
    room.linter.gate.clear()
    job = room.submit("one")
    await room.linter.begun.wait()
    assert await room.jobs.cancel(job.id, "I changed my mind")
    assert (job.state, job.reason) == ("cancelled", "I changed my mind")
    assert not await room.jobs.cancel(job.id)
    await room.over(job)
    (end,) = [data for type, data in room.messages if type == "analysis_cancelled"]
    assert (end["files_done"], end["files_total"], len(end["commit"])) == (0, 1, 40)


async def test_a_waiting_job_is_cancelled(tmp_path: Path) -> None:
    """It never begins; those behind it do."""
    room = Room(tmp_path)
    room.linter.gate.clear()
    first, second, third = room.submit("one"), room.submit("two"), room.submit("three")
    assert await room.jobs.cancel(second.id)
    room.linter.gate.set()
    await room.over(first, second, third)
    assert [job.state for job in (first, second, third)] == ["completed", "cancelled", "completed"]
    assert second.started is None


async def test_a_job_is_cancelled_before_its_first_step(tmp_path: Path) -> None:
    """In the same turn in which it was taken."""
    room = Room(tmp_path)
    job = room.submit("one")
    assert await room.jobs.cancel(job.id)
    await room.over(job)
    assert not await room.jobs.cancel("a-99")


async def test_stopping_ends_all(tmp_path: Path) -> None:
    """Running and waiting ones, each with its message; nothing more is taken."""
    room = Room(tmp_path)
    room.linter.gate.clear()
    jobs = [room.submit("one"), room.submit("two"), room.submit("three")]
    await room.linter.begun.wait()
    await room.jobs.stop()
    assert [(job.state, job.reason) for job in jobs] == [("cancelled", "the hub stopped")] * 3
    assert [room.ends(job) for job in jobs] == [["analysis_cancelled"]] * 3
    with pytest.raises(Busy, match="stopping"):
        room.submit("four")
    await room.jobs.stop()


async def test_jobs_that_are_over_are_kept_for_a_while(tmp_path: Path) -> None:
    """The newest ones."""
    room = Room(tmp_path, kept=2)
    for _ in range(4):
        await room.over(room.submit("one"))
    assert [job.id for job in room.jobs.all()] == ["a-4", "a-3"]
    assert room.jobs.get("a-1") is None


async def test_a_summary_is_part_of_the_end(tmp_path: Path) -> None:
    """With the model that made it."""

    async def summarise(report: Report) -> AnalysisSummary:
        return AnalysisSummary(text=f"{report.total} findings", model="m")

    room = Room(tmp_path, summarise=summarise)
    job = room.submit("one")
    await room.over(job)
    end = room.messages[-1][1]
    assert (end["summary"]["text"], end["summary_absent"]) == ("1 findings", None)
    assert room.jobs.summaries == {"made": 1}


async def test_without_a_summary_the_analysis_is_done_all_the_same(tmp_path: Path) -> None:
    """The end says why there is none; nothing is asked where nothing was found."""

    async def summarise(_report: Report) -> AnalysisSummary:
        raise NoSummary("the model was away")

    room = Room(tmp_path, summarise=summarise)
    job = room.submit("one")
    await room.over(job)
    assert (job.state, room.messages[-1][1]["summary_absent"]) == ("completed", "the model was away")
    make_repository(tmp_path / "clean", {"a.txt": "good"})
    await room.over(room.submit("clean"))
    assert room.messages[-1][1]["summary_absent"] == "there is nothing to sum up"
    assert room.jobs.summaries == {"absent": 1}


async def test_a_repository_outside_of_the_roots_fails(tmp_path: Path) -> None:
    """Also when it was moved there after it was taken."""
    room = Room(tmp_path / "root")
    make_repository(tmp_path / "out", {"a.txt": "bad"})
    (tmp_path / "root" / "in").mkdir(parents=True)
    (tmp_path / "root" / "in" / ".git").write_text(f"gitdir: {tmp_path}/out/.git\n")
    job = room.submit("in")
    await room.over(job)
    assert "outside of the folders of analysis.roots" in (job.reason or "")

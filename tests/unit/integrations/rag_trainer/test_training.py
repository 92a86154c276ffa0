"""The run of a job: what is told, written down, counted and taken over from an earlier run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from channels.messages.training import StageUpdate
from integrations.rag_trainer.discovery import Found, LeftOut, discover
from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.journal import Journal
from integrations.rag_trainer.pipeline import Pipeline
from integrations.rag_trainer.progress import Progress
from integrations.rag_trainer.reports import FileReport, TrainingReport
from integrations.rag_trainer.training import Bench, Training, ended
from tests.rag_books import BookLibrary
from tests.rag_engine import SmallStage, told, within, write_documents


class Site:
    """Runs the same job again and again."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        within(folder)
        self.folder = folder
        self.journal = journal
        self.library = BookLibrary(folder / "library.json")
        self.updates: list[StageUpdate] = []
        self.ran: list[tuple[int, str]] = []

    def run(
        self, cancelled: Callable[[], bool] = lambda: False, found: Found | None = None, settings: str = "s"
    ) -> TrainingReport:
        self.updates, self.ran = [], []
        stages = [SmallStage(number, self.library, self._before) for number in range(1, 15)]
        pipeline = Pipeline(stages, lambda: 0.0)
        bench = Bench(pipeline, self.journal, self.library.holder_of, self.updates.append, nullcontext, lambda: 0.0)
        progress = Progress("j")
        progress.goes_on("j", self.journal.begin("j", "/docs", settings))
        return Training("j", bench, progress, cancelled).run(found or discover(self.folder / "in"), "a note")

    def stages_of(self, name: str) -> list[int]:
        return [number for number, file in self.ran if file == name]

    def _before(self, number: int, draft: Draft) -> None:
        self.ran.append((number, draft.source.name))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with closing(Journal(tmp_path / "journal.sqlite", lambda: 0.0)) as journal:
        yield Site(tmp_path, journal)


def test_each_stage_is_told_when_it_begins_and_when_it_ends(site: Site) -> None:
    """With the document's place among all, and numbers that rise by one; the line is the stage's own."""
    write_documents(site.folder, a="one", b="two")
    report = site.run()
    assert (report.state, report.trained) == ("completed", 2)
    expected: list[tuple[str, str, str | None]] = [("start", "started", None)]
    for name in ("a.txt", "b.txt"):
        for number in range(1, 15):
            expected += [(f"{number}/14", "started", name), (f"{number}/14", "done", name)]
    assert told(site.updates) == expected
    assert [update.seq for update in site.updates] == list(range(1, 58))
    assert site.updates[0].log == "2 files; a note"
    assert (site.updates[2].log, site.updates[-1].log) == ("a.txt: 3 bytes", "b.txt: 1 points")
    assert (site.updates[1].file_index, site.updates[-1].file_index, site.updates[-1].files_total) == (1, 2, 2)


def test_a_failure_names_file_stage_and_reason_and_the_job_goes_on(site: Site) -> None:
    """Whether the stage has foreseen it or not."""
    write_documents(site.folder, a="fail 3", b="break 5", c="one")
    report = site.run()
    ends = [update for update in site.updates if update.status == "failed"]
    assert [(end.file, end.stage_index, end.reason) for end in ends] == [("a.txt", 3, "told_to"), ("b.txt", 5, "fault")]
    assert [file.outcome for file in report.files] == ["failed", "failed", "trained"]
    assert (report.state, report.text) == ("completed", "complete: 1 trained, 0 skipped, 2 failed; 1 chunks in 0.0 s")


def test_a_job_without_any_file_in_the_index_has_failed(site: Site) -> None:
    """And says the first reason."""
    write_documents(site.folder, a="fail 3", b="empty")
    report = site.run()
    assert report.state == "failed"
    assert report.text == (
        "no file is in the index: 0 trained, 0 skipped, 2 failed; a.txt: expected no line `fail 3`; there is one"
    )


def test_a_job_of_duplicates_is_complete(site: Site) -> None:
    """Everything is in the index, and nothing had to be done."""
    write_documents(site.folder, a="one", b="one")
    assert [file.outcome for file in site.run().files] == ["trained", "skipped"]
    before = site.library.documents()
    site.journal.drop("j")
    report = site.run()
    assert (report.state, report.skipped, report.trained) == ("completed", 2, 0)
    assert site.library.documents() == before


def test_what_was_left_out_counts_too(site: Site) -> None:
    """Numbers add up to the number of files, and each is told."""
    write_documents(site.folder, a="one")
    left_out = (LeftOut("b.exe", "unknown_ending", "no document"), LeftOut("closed", "unreadable", "can't be read"))
    found = Found(discover(site.folder / "in").sources, left_out, hidden=3)
    report = site.run(found=found)
    assert [(file.name, file.outcome, file.reason) for file in report.files] == [
        ("b.exe", "skipped", "unknown_ending"),
        ("closed", "failed", "unreadable"),
        ("a.txt", "trained", None),
    ]
    assert (report.trained, report.skipped, report.failed) == (1, 1, 1)
    assert site.updates[0].log == "3 files, 2 left out, 3 hidden names passed over; a note"
    assert told(site.updates)[1:3] == [("1/14", "skipped", "b.exe"), ("1/14", "failed", "closed")]


@pytest.mark.parametrize("stages", range(14))
def test_a_cancelled_job_goes_on_at_the_next_stage(site: Site, stages: int) -> None:
    """Finished files and stages are not repeated, numbers of updates don't come again, and the library is the same."""
    write_documents(site.folder, a="one\ntwo", b="three", c="four")
    cancelled = site.run(lambda: len(site.ran) == 14 + stages)
    assert (cancelled.state, [file.outcome for file in cancelled.files]) == (
        "cancelled",
        ["trained", "cancelled", "cancelled"],
    )
    assert "1 trained, 0 skipped, 0 failed, 2 left; start the same job again" in cancelled.text
    last = site.updates[-1]
    report = site.run()
    assert (report.state, report.trained, report.chunks) == ("completed", 3, 4)
    assert (site.stages_of("a.txt"), site.stages_of("b.txt")) == ([], list(range(stages + 1, 15)))
    assert [file.resumed for file in report.files] == [0, stages, 0]
    assert site.updates[0].log == "3 files, 1 done by an earlier run; a note"
    assert site.updates[0].seq > last.seq
    assert site.updates[0].overall_progress == 33.3
    assert [document.name for document in site.library.documents()] == ["a.txt", "b.txt", "c.txt"]


def test_a_file_that_changed_meanwhile_begins_anew(site: Site) -> None:
    """The half-done one, and the finished one."""
    write_documents(site.folder, a="one", b="two")
    site.run(lambda: len(site.ran) == 20)
    write_documents(site.folder, a="one more", b="two more")
    site.run()
    assert site.stages_of("a.txt") == site.stages_of("b.txt") == list(range(1, 15))
    assert len(site.library.documents()) == 2


def test_other_bytes_are_noticed_whatever_the_times_say(site: Site) -> None:
    """Of the same size, and put back to the same time."""
    write_documents(site.folder, a="one")
    site.run(lambda: len(site.ran) == 6)
    path = site.folder / "in" / "a.txt"
    before = path.stat()
    path.write_text("two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    site.run()
    assert site.stages_of("a.txt") == list(range(1, 15))


def test_failed_files_are_tried_again(site: Site) -> None:
    """What was away may be back."""
    write_documents(site.folder, a="fail 3", b="two")
    site.run(lambda: len(site.ran) == 5)
    site.run()
    assert site.stages_of("a.txt") == [1, 2, 3]
    assert site.stages_of("b.txt") == list(range(3, 15))


def test_a_finished_file_that_left_the_library_is_trained_again(site: Site) -> None:
    """Somebody removed the library, and the journal alone is no index."""
    write_documents(site.folder, a="one", b="two")
    site.run(lambda: len(site.ran) == 16)
    site.library.remove("a.txt")
    site.run()
    assert site.stages_of("a.txt") == list(range(1, 15))


def test_other_settings_repeat_the_unfinished_file(site: Site) -> None:
    """Its stages stand on each other."""
    write_documents(site.folder, a="one", b="two")
    site.run(lambda: len(site.ran) == 20)
    site.run(settings="other")
    assert (site.stages_of("a.txt"), site.stages_of("b.txt")) == ([], list(range(1, 15)))


def test_a_file_that_vanished_is_a_failure(site: Site) -> None:
    """It was there when the folder was read."""
    write_documents(site.folder, a="one", b="two")
    found = discover(site.folder / "in")
    (site.folder / "in" / "a.txt").unlink()
    report = site.run(found=found)
    assert [(file.outcome, file.stage) for file in report.files] == [("failed", 1), ("trained", None)]


def test_a_report_adds_up() -> None:
    """Also of many files."""
    outcomes = ["trained", "skipped", "failed"] * 40
    report = ended(
        "j", [FileReport.model_validate({"name": str(n), "outcome": o}) for n, o in enumerate(outcomes)], 1.0
    )
    assert (report.trained, report.skipped, report.failed) == (40, 40, 40)

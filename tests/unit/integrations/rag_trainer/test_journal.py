"""The journal of unfinished jobs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from integrations.rag_trainer.journal import VERSION, Finished, Journal, Stamp
from integrations.rag_trainer.reports import FileReport
from integrations.rag_trainer.results import Chunk, Chunks, Duplicate, Text, Validation

STAMP = Stamp(10, 20)
VALIDATION = Validation(log="ok", exists=True, size=10, can_read=True, format="txt")
DUPLICATE = Duplicate(log="new", is_duplicate=False, file_hash="ab", content_hash="ab")
CHUNKS = Chunks(
    log="1",
    chunks=(Chunk(id="i", number=0, start=0, end=2, text="да", kind="text", tokens=1),),
    model="m",
    dimensions=2,
    vectors=bytes(range(8)),
)
KINDS = (Validation, Duplicate, Chunks)
FINISHED = Finished(STAMP, "ab", FileReport(name="a.md", outcome="trained", chunks=1, stage_ms=(1.5,)))


def _open(path: Path) -> Journal:
    ticks = count(1.0)
    return Journal(path, lambda: next(ticks))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(_open(tmp_path / "new" / "journal.sqlite")) as opened:
        opened.begin("j", "/docs", "s")
        yield opened


def _keep_three(journal: Journal, name: str = "a.md") -> None:
    for number, result in enumerate((VALIDATION, DUPLICATE, CHUNKS), start=1):
        journal.keep("j", name, STAMP, number, result, 5 + number)


def test_results_are_read_back_as_they_were(journal: Journal, tmp_path: Path) -> None:
    """By another process too: vectors byte by byte."""
    _keep_three(journal)
    journal.close()
    with closing(_open(tmp_path / "new" / "journal.sqlite")) as again:
        assert again.results("j", "a.md", STAMP, KINDS) == [VALIDATION, DUPLICATE, CHUNKS]
        assert again.begin("j", "/docs", "s") == 8


@pytest.mark.parametrize("stamp", [Stamp(11, 20), Stamp(10, 21)])
def test_another_file_has_no_results(journal: Journal, stamp: Stamp) -> None:
    """Of another size, or changed at another time; what was kept of it is dropped."""
    _keep_three(journal)
    assert journal.results("j", "a.md", stamp, KINDS) == []
    assert journal.results("j", "a.md", STAMP, KINDS) == []


def test_a_gap_or_a_wrong_kind_starts_the_file_anew(journal: Journal) -> None:
    """Of a version whose stages were others."""
    journal.keep("j", "gap.md", STAMP, 2, DUPLICATE, 1)
    assert journal.results("j", "gap.md", STAMP, KINDS) == []
    _keep_three(journal)
    with capture_logs() as logs:
        assert journal.results("j", "a.md", STAMP, (Validation, Text, Chunks)) == []
    assert logs[0]["kind"] == "Text"
    _keep_three(journal)
    assert journal.results("j", "a.md", STAMP, KINDS[:2]) == []


def test_a_finished_file_has_a_report_and_no_results(journal: Journal) -> None:
    """One that is to be tried again has neither."""
    _keep_three(journal)
    _keep_three(journal, "b.md")
    journal.finish("j", "a.md", FINISHED, 30)
    journal.finish("j", "b.md", None, 31)
    assert journal.finished("j") == {"a.md": FINISHED}
    assert journal.results("j", "a.md", STAMP, KINDS) == journal.results("j", "b.md", STAMP, KINDS) == []
    assert journal.begin("j", "/docs", "s") == 31


def test_other_settings_drop_unfinished_results(journal: Journal) -> None:
    """Text that was read without OCR isn't mixed with text that was; finished files stay finished."""
    journal.finish("j", "b.md", FINISHED, 1)
    _keep_three(journal)
    journal.begin("j", "/docs", "other")
    assert journal.results("j", "a.md", STAMP, KINDS) == []
    assert list(journal.finished("j")) == ["b.md"]


def test_a_job_that_is_through_is_forgotten(journal: Journal) -> None:
    """Others are not."""
    journal.begin("k", "/docs", "s")
    _keep_three(journal)
    journal.keep("k", "a.md", STAMP, 1, VALIDATION, 1)
    journal.drop("j")
    assert journal.results("j", "a.md", STAMP, KINDS) == []
    assert journal.results("k", "a.md", STAMP, KINDS) == [VALIDATION]
    assert journal.begin("j", "/docs", "s") == 0


def test_the_newest_unfinished_job_of_a_folder_is_found(journal: Journal) -> None:
    """Among ids that begin in one way."""
    for job, folder in (("own-1", "/docs"), ("own-2", "/docs"), ("hub-3", "/docs"), ("own-4", "/else")):
        journal.begin(job, folder, "s")
    assert journal.unfinished("/docs", "own-") == "own-2"
    assert journal.unfinished("/none", "own-") is None
    assert journal.unfinished("/docs", "own%") is None


def test_old_jobs_are_forgotten(tmp_path: Path) -> None:
    """Who never starts a cancelled job again doesn't fill the disk."""
    ticks = count(1.0)
    with closing(Journal(tmp_path / "j.sqlite", lambda: next(ticks), jobs=2)) as journal:
        for job in ("a", "b", "c"):
            journal.begin(job, f"/{job}", "s")
            journal.keep(job, "x.md", STAMP, 1, VALIDATION, 1)
        assert [journal.unfinished(f"/{job}", "") for job in ("a", "b", "c")] == [None, "b", "c"]
        assert journal.results("a", "x.md", STAMP, KINDS) == []


def test_a_journal_of_another_version_is_set_aside(tmp_path: Path) -> None:
    """It is kept under another name, and said; a new one is begun."""
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    with capture_logs() as logs, closing(_open(path)) as journal:
        assert journal.begin("j", "/docs", "s") == 0
    assert logs[0]["why"] == f"version-{VERSION + 1}"
    assert (tmp_path / f"journal.sqlite.version-{VERSION + 1}").exists()


def test_a_file_that_is_no_journal_is_set_aside(tmp_path: Path) -> None:
    """Nothing of it is lost."""
    path = tmp_path / "journal.sqlite"
    path.write_text("this is no database, and long enough to be looked at" * 50)
    with closing(_open(path)) as journal:
        assert journal.begin("j", "/docs", "s") == 0
    assert (tmp_path / "journal.sqlite.unreadable").read_text().startswith("this is no database")


def test_a_folder_in_its_place_is_an_error(tmp_path: Path) -> None:
    """Another file would fare no better, so nothing is moved."""
    (tmp_path / "journal.sqlite").mkdir()
    with pytest.raises(sqlite3.OperationalError):
        _open(tmp_path / "journal.sqlite")
    assert (tmp_path / "journal.sqlite").is_dir()


def test_a_stamp_is_of_what_is_there(tmp_path: Path) -> None:
    """None of a file that isn't."""
    path = tmp_path / "a.md"
    assert Stamp.of(path) is None
    path.write_text("four")
    stamp = Stamp.of(path)
    assert stamp is not None
    assert (stamp.size, stamp.mtime) == (4, path.stat().st_mtime_ns)

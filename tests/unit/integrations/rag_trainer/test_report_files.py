"""Reports on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.rag_trainer.report_files import read_report, write_report
from integrations.rag_trainer.reports import FileReport, TrainingReport

REPORT = TrainingReport(
    job_id="j-1",
    state="completed",
    text="complete",
    files=(FileReport(name="нормы/СП 48.md", outcome="trained", chunks=3, stage_ms=(1.0, 2.5)),),
    trained=1,
)


def test_a_report_is_read_back_as_it_was(tmp_path: Path) -> None:
    """In a folder that is made, under the job's name, for people to read too."""
    path = write_report(REPORT, tmp_path / "reports" / "new")
    assert path == tmp_path / "reports" / "new" / "j-1.json"
    assert read_report(path) == REPORT
    assert "нормы/СП 48.md" in path.read_text("utf-8")


def test_a_later_report_of_the_job_replaces_the_earlier(tmp_path: Path) -> None:
    """And no draft is left."""
    write_report(REPORT, tmp_path)
    later = REPORT.model_copy(update={"state": "cancelled"})
    write_report(later, tmp_path)
    assert read_report(tmp_path / "j-1.json") == later
    assert [path.name for path in tmp_path.iterdir()] == ["j-1.json"]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """Nothing is left behind."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        write_report(REPORT, tmp_path / "file" / "reports")


def test_a_failed_write_keeps_the_earlier_report(tmp_path: Path) -> None:
    """A folder stands where the report is to go; its draft is removed."""
    (tmp_path / "j-1.json").mkdir()
    with pytest.raises(OSError, match="j-1"):
        write_report(REPORT, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["j-1.json"]

"""How a job ended."""

from __future__ import annotations

from integrations.rag_trainer.reports import FileReport, TrainingReport


def test_a_report_comes_back_from_json() -> None:
    """It is kept on disk, and crosses processes."""
    file = FileReport(name="a.pdf", outcome="failed", reason="encrypted", text="give the password", stage=3)
    report = TrainingReport(job_id="t-1", state="failed", text="no file was trained", files=(file,), failed=1)
    assert TrainingReport.model_validate_json(report.model_dump_json()) == report

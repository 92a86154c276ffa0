"""Reports on disk: one JSON file per job."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from integrations.rag_trainer.reports import TrainingReport


def write_report(report: TrainingReport, folder: Path) -> Path:
    """Write a job's report to `<job_id>.json`, in place of an earlier one of the same job, and return where it is.

    The folder is made. A reader finds the whole of it or what was there before. Nothing removes old reports.

    Raises:
        OSError: it can't be written; nothing is left behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{report.job_id}.json"
    handle, draft = tempfile.mkstemp(dir=folder, prefix=".report-", suffix=".json")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(report.model_dump_json(indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(0o644)
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return target


def read_report(path: Path) -> TrainingReport:
    """Read a report back."""
    return TrainingReport.model_validate_json(path.read_bytes())

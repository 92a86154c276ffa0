"""A job, and how far it is."""

from __future__ import annotations

from integrations.rag_trainer.jobs.job import Progress, Record
from integrations.rag_trainer.progress import Progress as Updates
from integrations.rag_trainer.reports import FileReport


def test_updates_add_up() -> None:
    """Each file has its newest stage; the files that are kept are bounded, and all are counted."""
    record = Record(id="t-1", number=1, folder="/d", base="/d", created=1.0)
    progress, updates = Progress(kept=1), Updates("t-1")
    progress.note(updates.begun(2, 0, "2 files"), record)
    for index, name in enumerate(("a", "b"), start=1):
        updates.file(name, index)
        progress.note(updates.done(14, "save", "saved", 500.0), record)
    assert (record.files_total, record.trained, record.is_over) == (2, 2, False)
    (row,) = progress.rows()
    assert (row["name"], row["state"], row["progress"], row["seconds"]) == ("a", "trained", 100, 0.5)
    progress.settle(1, FileReport(name="a", outcome="skipped", reason="duplicate", stage=2))
    progress.settle(2, FileReport(name="b", outcome="trained"))
    (row,) = progress.rows()
    assert (row["state"], row["reason"], row["stage"]) == ("skipped", "duplicate", 2)

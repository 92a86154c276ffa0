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


def test_a_file_that_is_tried_again_counts_once() -> None:
    """A failure of an earlier attempt is forgotten once its document is at work again."""
    record = Record(id="t-1", number=1, folder="/d", base="/d", created=1.0)
    progress, updates = Progress(kept=10), Updates("t-1")
    for _ in range(2):
        progress.note(updates.begun(1, 0, "1 file"), record)
        updates.file("a", 1)
        progress.note(updates.failed(3, "text", "broken", "it is broken", 1.0), record)
    assert (record.failed, record.trained) == (1, 0)
    progress.note(updates.done(14, "save", "saved", 1.0), record)
    assert (record.failed, record.trained) == (0, 1)


def test_states_are_kept_and_taken_over() -> None:
    """Those of files that have ended; what can't be read is left out, and what is kept stays bounded."""
    record = Record(id="t-1", number=1, folder="/d", base="/d", created=1.0)
    progress, updates = Progress(kept=2), Updates("t-1")
    progress.note(updates.begun(3, 0, "3 files"), record)
    for index, name in enumerate(("a", "b", "c"), start=1):
        updates.file(name, index)
        progress.note(updates.started(1, "validation"), record)
        progress.note(updates.skipped(2, "duplicates", "duplicate", "is there", 1.0), record)
    rows = progress.fresh()
    assert ([row["name"] for row in rows], progress.fresh()) == (["a", "b"], [])
    later = Progress(kept=2)
    later.restore([{"index": 9}, {**rows[0], "state": "nonsense"}, *rows, *rows, {**rows[0], "index": 3}], record)
    assert (later.rows(), later.rows(1, 1)) == (rows, rows[1:])
    assert record.skipped == 2


def test_a_folder_that_has_changed_leaves_no_strange_rows() -> None:
    """Another file at a place replaces the one that was there, and what is behind the last file goes."""
    record = Record(id="t-1", number=1, folder="/d", base="/d", created=1.0)
    progress, updates = Progress(kept=10), Updates("t-1")
    for index, name in enumerate(("a", "b", "c"), start=1):
        updates.file(name, index)
        progress.note(updates.done(14, "save", "saved", 1.0), record)
    progress.settle(1, FileReport(name="b", outcome="failed", reason="broken"))
    progress.settle(2, FileReport(name="c", outcome="cancelled"))
    progress.cut(2)
    progress.conclude("cancelled", record)
    assert [(row["name"], row["state"], row["text"]) for row in progress.rows()] == [
        ("b", "failed", ""),
        ("c", "cancelled", ""),
    ]
    assert (record.trained, record.failed, record.cancelled) == (0, 1, 1)

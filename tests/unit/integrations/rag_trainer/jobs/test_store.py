"""Jobs on disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from integrations.rag_trainer.jobs.job import Record
from integrations.rag_trainer.jobs.store import JobStore


def record(number: int) -> Record:
    return Record(id=f"t-{number}", number=number, folder="/d", base="/d", created=1.0)


def test_jobs_come_back_in_their_order(tmp_path: Path) -> None:
    """A file that is none is put aside and harms no other; half written ones are never seen."""
    store = JobStore(tmp_path)
    for number in (10, 2):
        store.save(record(number))
    (tmp_path / "jobs" / "t-3.json").write_text('{"id": "t-3"')
    assert [each.number for each in store.load()] == [2, 10]
    assert (tmp_path / "jobs" / "t-3.broken").exists()
    store.forget("t-2")
    assert [each.number for each in store.load()] == [10]
    assert sorted(path.name for path in (tmp_path / "jobs").iterdir()) == ["t-10.json", "t-3.broken"]


def test_files_come_in_pages(tmp_path: Path) -> None:
    """What isn't there is empty."""
    store = JobStore(tmp_path)
    store.save_files("t-1", ({"index": number} for number in range(10)))
    assert store.files("t-1", 2, 3) == [{"index": 2}, {"index": 3}, {"index": 4}]
    assert store.files("t-2", 0, 3) == []


def test_notes_on_files_come_back(tmp_path: Path) -> None:
    """In their order; a line that a loss of power has cut off is left out, and the end replaces them all."""
    store = JobStore(tmp_path)
    store.save(record(1))
    assert store.noted_files("t-1") == []
    store.add_files("t-1", [{"index": 1}, {"index": 2}])
    store.add_files("t-1", [{"index": 3, "name": "смета"}])
    with (tmp_path / "jobs" / "t-1.files").open("a") as file:
        file.write('7\n{"index": 4, "na')
    assert store.noted_files("t-1") == [{"index": 1}, {"index": 2}, {"index": 3, "name": "смета"}]
    store.save_files("t-1", [{"index": 1}])
    assert store.noted_files("t-1") == [{"index": 1}]


def test_uploads_of_nobody_go(tmp_path: Path) -> None:
    """A kill came before their job was written down. One that still grows may be on its way."""
    store = JobStore(tmp_path)
    for id in ("t-1", "t-2", "t-3", "t-4"):
        (store.uploads / id / "uploads").mkdir(parents=True)
        (store.uploads / id / "uploads" / "a.txt").touch()
        for path in (store.uploads / id, store.uploads / id / "uploads", store.uploads / id / "uploads" / "a.txt"):
            os.utime(path, (1000, 1000))
    os.utime(store.uploads / "t-3" / "uploads" / "a.txt", (2000, 2000))
    store.drop_strays(["t-2"], before=1500)
    assert sorted(path.name for path in store.uploads.iterdir()) == ["t-2", "t-3"]
    store.drop_upload("t-2")
    store.drop_upload("t-3")
    assert list(store.uploads.iterdir()) == []


def test_an_id_is_no_path(tmp_path: Path) -> None:
    """Nothing outside of the folder can be named."""
    with pytest.raises(ValueError, match="expected the id"):
        JobStore(tmp_path).drop_upload("../other")

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from integrations.rag_trainer.library.schema import BadLibrary, connect, telling, transaction


def test_a_file_that_is_no_library_is_refused(tmp_path: Path) -> None:
    """Text, or another program's SQLite; and the file stays as it was."""
    text = tmp_path / "a.txt"
    text.write_text("certainly not SQLite " * 100)
    with pytest.raises(BadLibrary, match="found a file that isn't SQLite; name another file"):
        connect(text, 1)
    assert text.read_text() == "certainly not SQLite " * 100
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(BadLibrary, match="another program's SQLite file"):
        connect(tmp_path / "other.db", 1)


def test_a_newer_library_is_refused(tmp_path: Path) -> None:
    """With its version, and what to do."""
    connection = connect(tmp_path / "l", 1)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(BadLibrary, match=r"expected a library of version 2 or older .* found version 9; use the newer"):
        connect(tmp_path / "l", 1)


def test_a_place_that_can_not_be_opened(tmp_path: Path) -> None:
    """A folder, or below a file."""
    with pytest.raises(BadLibrary, match="expected to open the library"):
        connect(tmp_path, 1)
    (tmp_path / "file").touch()
    with pytest.raises(BadLibrary, match="expected to open the library"):
        connect(tmp_path / "file" / "l", 1)


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    """And says so. (The pages that the file may have are bounded, which is what SQLite sees of a full disk.)"""
    path = tmp_path / "l"
    connection = connect(path, 1)
    connection.execute("PRAGMA max_page_count = 30")

    def write() -> None:
        with telling(path), transaction(connection):
            connection.execute("UPDATE revision SET number = 7")
            connection.execute("INSERT INTO words (rowid, stems) VALUES (1, ?)", ("word " * 200_000,))

    with pytest.raises(BadLibrary, match="the disk is full, nothing was changed"):
        write()
    assert connection.execute("SELECT number FROM revision").fetchone() == (0,)
    connection.close()


def test_another_writer_is_waited_for_and_then_told(tmp_path: Path) -> None:
    """Not for ever."""
    path = tmp_path / "l"
    one, other = connect(path, 1), connect(path, 0.01)
    with (
        transaction(one),
        pytest.raises(BadLibrary, match="another process is writing"),
        telling(path),
        transaction(other),
    ):
        pass
    one.close()
    other.close()

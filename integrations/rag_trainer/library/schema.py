"""What a library's file looks like, and how it is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

APPLICATION: Final = 0x546F634C
"""Says that a SQLite file is a library ("TocL")."""

VERSION: Final = 2

_TABLES: Final = """
CREATE TABLE revision (number INTEGER NOT NULL, rules INTEGER NOT NULL DEFAULT 0);
INSERT INTO revision (number) VALUES (0);
CREATE TABLE documents (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    file_hash TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    title TEXT NOT NULL,
    type TEXT NOT NULL,
    subtype TEXT NOT NULL,
    designation TEXT,
    language TEXT NOT NULL,
    size INTEGER NOT NULL,
    quality INTEGER NOT NULL,
    trained REAL NOT NULL,
    job_id TEXT NOT NULL,
    chunks INTEGER NOT NULL,
    model TEXT NOT NULL,
    dimensions INTEGER NOT NULL,
    revision INTEGER NOT NULL
);
CREATE INDEX documents_file_hash ON documents (file_hash);
CREATE INDEX documents_content_hash ON documents (content_hash);
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    document INTEGER NOT NULL REFERENCES documents (key),
    number INTEGER NOT NULL,
    chunk TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX chunks_document ON chunks (document, number);
"""

WORDS: Final = """
CREATE VIRTUAL TABLE words USING fts5 (stems, tokenize = "unicode61 remove_diacritics 0 tokenchars '._-/'");
"""
"""The word index. `revision.rules` says by which rules its words were made; 0: by those of version 1."""


class BadLibrary(Exception):
    """The file can't be used as a library, or not now. The text says why, and what to do."""


def connect(path: Path, patience: float) -> sqlite3.Connection:
    """Open a library's file, which is made when it is absent.

    Written pages are synced at each commit, so what is committed survives a kill and a loss of power.

    Args:
        patience: seconds to wait for another process that writes.

    Raises:
        BadLibrary: it is no library, one of a newer version, damaged, or can't be opened.
    """
    with telling(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Used from one thread at a time, but not always the same one.
        connection = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        with telling(path):
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    application, version = _number(connection, "application_id"), _number(connection, "user_version")
    if (application, version) == (0, 0) and not connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
        connection.execute("PRAGMA journal_mode = WAL")
        with transaction(connection):
            # Another process may have made it in the meantime.
            if not connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
                for statement in (*_TABLES.strip().split(";\n"), WORDS):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {VERSION}")
    elif application != APPLICATION:
        raise BadLibrary(f"expected a library in {path}, found another program's SQLite file; name another file")
    elif version > VERSION:
        raise BadLibrary(
            f"expected a library of version {VERSION} or older in {path}, found version {version}; "
            "use the newer release that wrote it, or train into a new file"
        )
    elif version < VERSION:
        with transaction(connection):
            if _number(connection, "user_version") < VERSION:
                connection.execute("ALTER TABLE revision ADD COLUMN rules INTEGER NOT NULL DEFAULT 0")
                connection.execute(f"PRAGMA user_version = {VERSION}")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all of it or nothing. Waits for another writer as long as the connection's patience is."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has mostly rolled back already.
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Read several things as they were at one moment."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        with suppress(sqlite3.Error):
            connection.execute("COMMIT")


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into words about the library."""
    try:
        yield
    except sqlite3.Error as error:
        # SQLite's codes are what is stable; some come with a further byte.
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        raise BadLibrary(
            f"{path}: {_REMEDIES.get(code, 'expected to read and write the library')} ({error})"
        ) from error
    except OSError as error:
        raise BadLibrary(f"{path}: expected to open the library ({error.strerror or error})") from error


_REMEDIES: Final = {
    sqlite3.SQLITE_NOTADB: "expected a library, found a file that isn't SQLite; name another file",
    sqlite3.SQLITE_CORRUPT: "the library is damaged; remove the file and train again, or restore it from a copy",
    sqlite3.SQLITE_FULL: "the disk is full, nothing was changed; make room and train again",
    sqlite3.SQLITE_IOERR: "the disk failed, or is full; nothing was changed",
    sqlite3.SQLITE_BUSY: "another process is writing to the library for longer than the time to wait; try again",
    sqlite3.SQLITE_LOCKED: "another process is writing to the library for longer than the time to wait; try again",
    sqlite3.SQLITE_READONLY: "expected to be allowed to write; change the file's owner or rights",
    sqlite3.SQLITE_CANTOPEN: "expected to open the library; look at the folder and its rights",
    sqlite3.SQLITE_CONSTRAINT: "expected chunks that no other document of the library has",
}

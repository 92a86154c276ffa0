"""The embedded graph store: one SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from integrations.rag_trainer.graphs.checks import check
from integrations.rag_trainer.results import Markup, Sequences

_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS documents (name TEXT PRIMARY KEY, sequences TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS works (
    document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, id TEXT NOT NULL, name TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, confidence REAL NOT NULL, PRIMARY KEY (document, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dependencies (
    document TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, rule TEXT NOT NULL, confidence REAL NOT NULL,
    PRIMARY KEY (document, before, after),
    FOREIGN KEY (document, before) REFERENCES works ON DELETE CASCADE,
    FOREIGN KEY (document, after) REFERENCES works ON DELETE CASCADE) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS dependencies_after ON dependencies (document, after);
CREATE TABLE IF NOT EXISTS entities (
    document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, kind TEXT NOT NULL, text TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS entities_document ON entities (document);
"""


class EmbeddedGraphStore:
    """Works, dependencies and named things in tables, and the sequences, of all documents.

    A document is replaced in one transaction that is on the disk when `replace` returns: after a kill or a loss of
    power there is the old graph or the new one. To be used from one thread at a time; several
    processes may share the file.

    Args:
        file: where it is; folders are made.
        busy: seconds to wait for another process that writes.

    Raises:
        ValueError: the file is no SQLite database, or one of a newer version.
        sqlite3.Error: it can't be opened.
    """

    name = "embedded"

    def __init__(self, file: Path | str, *, busy: float = 5.0) -> None:
        path = Path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=busy, check_same_thread=False, isolation_level=None)
        try:
            self._prepare(path)
        except BaseException:
            self._connection.close()
            raise

    def replace(self, document: str, sequences: Sequences, markup: Markup) -> int:
        """Have exactly this graph for a document, as a whole or not at all; return how many works were written.

        Raises:
            ValueError: see `checks.check`.
        """
        check(sequences, markup)
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute("DELETE FROM documents WHERE name = ?", (document,))
            connection.execute("INSERT INTO documents VALUES (?, ?)", (document, sequences.model_dump_json()))
            connection.executemany(
                "INSERT INTO works VALUES (?, ?, ?, ?, ?, ?)",
                ((document, work.id, work.name, work.start, work.end, work.confidence) for work in markup.works),
            )
            connection.executemany(
                "INSERT OR IGNORE INTO dependencies VALUES (?, ?, ?, ?, ?)",
                ((document, edge.before, edge.after, edge.rule, edge.confidence) for edge in markup.dependencies),
            )
            connection.executemany(
                "INSERT INTO entities VALUES (?, ?, ?, ?, ?)",
                ((document, entity.kind, entity.text, entity.start, entity.end) for entity in markup.entities),
            )
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return len(markup.works)

    def remove(self, document: str) -> None:
        """Take a document's graph out."""
        self._connection.execute("DELETE FROM documents WHERE name = ?", (document,))

    def sequences(self, document: str) -> Sequences | None:
        """Read a document's sequences back; `None`: there is no such document."""
        row = self._connection.execute("SELECT sequences FROM documents WHERE name = ?", (document,)).fetchone()
        return None if row is None else Sequences.model_validate_json(row[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _prepare(self, path: Path) -> None:
        connection = self._connection
        try:
            with closing(connection.execute("PRAGMA user_version")) as cursor:
                version = cursor.fetchone()[0]
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            said = f"expected a SQLite database at {path}, got something else ({error})"
            raise ValueError(f"{said}; move it away, or name another file") from error
        if version not in (0, _VERSION):
            raise ValueError(
                f"expected version {_VERSION} of the graph store at {path}, got {version}; name another file"
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript(_SCHEMA)
        connection.execute(f"PRAGMA user_version = {_VERSION}")

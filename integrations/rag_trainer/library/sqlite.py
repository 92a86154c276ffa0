"""The library of documents in one SQLite file: chunks, words for BM25 (FTS5), vectors."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import structlog

from integrations.rag_trainer.library.schema import connect, snapshot, telling, transaction
from integrations.rag_trainer.library.words import follow, is_current, parsed, words_of
from integrations.rag_trainer.ports import EVERYWHERE, Document, Filter, Hit, Matrix, StoredChunk, WrongModel
from integrations.rag_trainer.results import Chunks
from integrations.rag_trainer.terms import significant

log = structlog.get_logger(__name__)

WORDS: Final = 256
_COLUMNS: Final = tuple(field.name for field in fields(Document))
_DOCUMENT: Final = ", ".join(f"documents.{name}" for name in _COLUMNS)
_ALL: Final = f"SELECT {_DOCUMENT} FROM documents ORDER BY name"  # noqa: S608 - no value is ever part of a statement
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Shelf:
    """A document as vectors need it.

    Attributes:
        key: its number in the file.
        revision: of the library, when it was put in; differs when the document was replaced.
    """

    key: int
    revision: int
    model: str
    dimensions: int
    chunks: int


class SqliteLibrary:
    """A `Library` in one file (with `-wal` and `-shm` beside it while it is open).

    `put` and `remove` are one transaction each: after a kill at any moment a document is there as it was or as it is.
    Any number of processes may read meanwhile, and see whole documents only. Names are the same when they are the same
    in Unicode's form NFC. A file whose words were made by older rules gets its word index made anew when it is opened.

    Args:
        patience: seconds to wait for another process that writes.

    Raises:
        BadLibrary: by every method: the file isn't usable, now or at all; the text says why.
    """

    def __init__(self, path: Path, patience: float = 30.0) -> None:
        self.path = path
        self._db = connect(path, patience)
        try:
            with telling(path):
                self._follow()
        except BaseException:
            self._db.close()
            raise

    def holder_of(self, fingerprint: str) -> str | None:
        """Return the name of the document with this file hash or content hash."""
        rows = self._read(
            "SELECT name FROM documents WHERE file_hash = ? OR content_hash = ? ORDER BY name LIMIT 1",
            (fingerprint, fingerprint),
        )
        return rows[0][0] if rows else None

    def put(self, document: Document, chunks: Chunks) -> int:
        """Put a document in, in place of the one of the same name; return how many chunks that one had.

        Raises:
            WrongModel: the library has vectors of another model.
        """
        name = normal(document.name)
        rows = chunks.matrix()
        with telling(self.path), transaction(self._db):
            self.check(name, chunks)
            # Another release may have opened it meanwhile, and made the word index by its rules.
            follow(self._db)
            gone = self._take_out(name)
            values = [*(getattr(document, column) for column in _COLUMNS), chunks.model, chunks.dimensions]
            values[0] = name
            key = self._db.execute(
                f"INSERT INTO documents ({', '.join(_COLUMNS)}, model, dimensions, revision) "  # noqa: S608
                f"VALUES ({', '.join('?' * len(values))}, {_REVISION})",
                values,
            ).lastrowid
            for chunk, row in zip(chunks.chunks, rows, strict=True):
                at = self._db.execute(
                    "INSERT INTO chunks (id, document, number, chunk, vector) VALUES (?, ?, ?, ?, ?)",
                    (chunk.id, key, chunk.number, chunk.model_dump_json(exclude={"id", "number"}), row.tobytes()),
                ).lastrowid
                words = words_of(document.title, document.designation, chunk.path, chunk.text)
                self._db.execute("INSERT INTO words (rowid, stems) VALUES (?, ?)", (at, words))
        return gone

    def remove(self, name: str) -> int:
        """Take a document out; return how many chunks it had."""
        with telling(self.path), transaction(self._db):
            return self._take_out(normal(name))

    def documents(self) -> list[Document]:
        """Return all documents by their names."""
        return [Document(*row) for row in self._read(_ALL)]

    def chunks(self, ids: Sequence[str]) -> list[StoredChunk]:
        """Return chunks in the order of `ids`; those that aren't there (any more) are left out."""
        found: dict[str, StoredChunk] = {}
        with telling(self.path), snapshot(self._db):
            for at in range(0, len(ids), _AT_ONCE):
                some = ids[at : at + _AT_ONCE]
                for id_, number, chunk, *columns in self._db.execute(
                    f"SELECT chunks.id, chunks.number, chunks.chunk, {_DOCUMENT} FROM chunks "  # noqa: S608
                    f"JOIN documents ON documents.key = chunks.document WHERE chunks.id IN ({_marks(some)})",
                    some,
                ):
                    found[id_] = StoredChunk(Document(*columns), parsed(id_, number, chunk))
        return [found[id_] for id_ in ids if id_ in found]

    def matching(self, words: Sequence[str], k: int, filter: Filter = EVERYWHERE) -> list[Hit]:
        """Find the chunks with the highest BM25 score for these words (of `terms.terms`); any may be absent.

        BM25 as in FTS5: k1 = 1.2, b = 0.75. Of more than 256 different words the first ones count; prepositions and
        the like don't count beside others.
        """
        wanted = significant([word for word in dict.fromkeys(words) if any(map(str.isalnum, word))])[:WORDS]
        if not wanted or k < 1:
            return []
        query = " OR ".join('"' + word.replace('"', "") + '"' for word in wanted)
        where, values = narrowed(filter)
        rows = self._read(
            "SELECT chunks.id, -bm25(words) AS score FROM words JOIN chunks ON chunks.key = words.rowid "  # noqa: S608
            "JOIN documents ON documents.key = chunks.document "
            f"WHERE words MATCH ?{where} ORDER BY score DESC, chunks.id LIMIT ?",
            (query, *values, k),
        )
        return [Hit(id_, score) for id_, score in rows]

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def shelves(self, filter: Filter = EVERYWHERE) -> dict[int, Shelf]:
        """Return the documents that a filter lets through, by their keys, in the order of these."""
        where, values = narrowed(filter)
        rows = self._read(
            f"SELECT key, revision, model, dimensions, chunks FROM documents WHERE true{where} ORDER BY key",  # noqa: S608
            values,
        )
        return {row[0]: Shelf(*row) for row in rows}

    def revision(self) -> int:
        """Return a number that rises with each change, by whichever process."""
        return int(self._read("SELECT number FROM revision")[0][0])

    def vectors_of(self, shelf: Shelf) -> tuple[list[str], Matrix]:
        """Read a document's ids and vectors; nothing, when it was replaced or removed since."""
        rows = self._read(
            "SELECT chunks.id, chunks.vector FROM chunks JOIN documents ON documents.key = chunks.document "
            "WHERE documents.key = ? AND documents.revision = ? ORDER BY chunks.number",
            (shelf.key, shelf.revision),
        )
        blob = b"".join(vector for _, vector in rows)
        return [id_ for id_, _ in rows], np.frombuffer(blob, "<f4").reshape(len(rows), shelf.dimensions)

    def ids(self, filter: Filter) -> list[str]:
        """Return the ids of the chunks of the documents that a filter lets through, in their order."""
        where, values = narrowed(filter)
        rows = self._read(
            "SELECT chunks.id FROM chunks JOIN documents ON documents.key = chunks.document "  # noqa: S608
            f"WHERE true{where} ORDER BY documents.key, chunks.number",
            values,
        )
        return [id_ for (id_,) in rows]

    def check(self, name: str, chunks: Chunks) -> None:
        """Look whether a document's vectors fit those of the others; those that it has itself are about to go.

        Raises:
            WrongModel: they don't; says which, and what to do.
        """
        for model, dimensions in self._read(
            "SELECT model, dimensions FROM documents WHERE name != ? AND (model != ? OR dimensions != ?) LIMIT 1",
            (normal(name), chunks.model, chunks.dimensions),
        ):
            raise WrongModel(
                f"expected vectors of {model} with {dimensions} dimensions, as the library has, got those of "
                f"{chunks.model} with {chunks.dimensions}; set embedding.model back, or train into a new library"
            )

    def _follow(self) -> None:
        if is_current(self._db):
            return
        with transaction(self._db):
            made = follow(self._db)
        if made:
            log.info("the word index was made anew, as its rules have changed", library=str(self.path), chunks=made)

    def _take_out(self, name: str) -> int:
        self._db.execute("UPDATE revision SET number = number + 1")
        found = self._db.execute("SELECT key FROM documents WHERE name = ?", (name,)).fetchone()
        if found is None:
            return 0
        self._db.execute("DELETE FROM words WHERE rowid IN (SELECT key FROM chunks WHERE document = ?)", found)
        gone = self._db.execute("DELETE FROM chunks WHERE document = ?", found).rowcount
        self._db.execute("DELETE FROM documents WHERE key = ?", found)
        return gone

    def _read(self, statement: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        with telling(self.path):
            return self._db.execute(statement, tuple(values)).fetchall()


_REVISION: Final = "(SELECT number FROM revision)"


def normal(name: str) -> str:
    """Return a name as the library has it: in Unicode's form NFC, so that it is one on every system."""
    return unicodedata.normalize("NFC", name)


def narrowed(filter: Filter) -> tuple[str, list[str]]:
    """Return a filter as conditions of SQL, each begun with AND, and their values."""
    where, values = "", list[str]()
    for column, wanted in (
        ("name", tuple(map(normal, filter.names))),
        ("type", filter.types),
        ("subtype", filter.subtypes),
        ("designation", filter.designations),
        ("language", filter.languages),
    ):
        if wanted:
            where += f" AND documents.{column} IN ({_marks(wanted)})"
            values += wanted
    return where, values


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))

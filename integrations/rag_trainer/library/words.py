"""The words by which a library's chunks are found, and how they are made anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from integrations.rag_trainer import terms as rules
from integrations.rag_trainer.library.schema import WORDS, BadLibrary
from integrations.rag_trainer.results import Chunk

_TEXTS: Final = 1
"""Rises when other texts of a document are indexed."""
RULES: Final = 100 * rules.VERSION + _TEXTS
"""By which a word index is made. The library's file says which ones its own was made by."""


def words_of(title: str, designation: str | None, path: Sequence[str], text: str) -> str:
    """Return a chunk's terms with blanks between: of the document's title and number, the headings above, its text.

    With the title, a question that names a document finds its chunks, which mostly don't repeat its name.
    """
    number = designation if designation and designation not in title else ""
    return " ".join(rules.terms("\n".join((title, number, *path, text))))


def follow(connection: sqlite3.Connection) -> int:
    """Make the word index anew, from the texts that the library holds, if it was made by older rules; count the chunks.

    One transaction of the caller's: readers see the old index or the new one. About 0.3 ms a chunk.

    Raises:
        BadLibrary: it was made by newer rules.
    """
    if is_current(connection):
        return 0
    connection.execute("DROP TABLE words")
    connection.execute(WORDS)
    chunks = connection.execute(
        "SELECT chunks.key, id, number, chunk, title, designation FROM chunks "
        "JOIN documents ON documents.key = chunks.document"
    )
    made = 0
    for key, id_, number, content, title, designation in chunks:
        chunk = parsed(id_, number, content)
        connection.execute(
            "INSERT INTO words (rowid, stems) VALUES (?, ?)",
            (key, words_of(title, designation, chunk.path, chunk.text)),
        )
    connection.execute("UPDATE revision SET rules = ?", (RULES,))
    return made


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the word index was made by our rules, and not by older ones.

    Raises:
        BadLibrary: it was made by newer ones.
    """
    (made_by,) = connection.execute("SELECT rules FROM revision").fetchone()
    if made_by > RULES:
        raise BadLibrary(
            f"expected a word index made by the rules {RULES} or older, found {made_by}: a newer release works with "
            "this library; use that one, or train into a new file"
        )
    return bool(made_by == RULES)


def parsed(id: str, number: int, content: str) -> Chunk:
    """Read a chunk as the library's file has it."""
    return Chunk.model_validate_json(f'{{"id": "{id}", "number": {number}, {content[1:]}')

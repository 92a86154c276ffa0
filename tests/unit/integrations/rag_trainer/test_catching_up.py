"""Stores that lack what the library has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from integrations.rag_trainer.catching_up import catch_up
from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.ports import Document
from integrations.rag_trainer.results import Chunk, Chunks
from tests.rag_books import NoStore


class Shelf(NoStore):
    """Keeps what it gets, in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, tuple[Document, Chunks]] = {}
        self.calls = 0

    def replace(self, *what: object) -> int:
        """Keep it."""
        document, chunks = what
        assert isinstance(document, Document)
        assert isinstance(chunks, Chunks)
        self.kept[document.name] = (document, chunks)
        self.calls += 1
        return 0

    def count(self) -> int:
        """Count chunks."""
        return sum(len(chunks.chunks) for _, chunks in self.kept.values())


def _document(name: str, chunks: int) -> tuple[Document, Chunks]:
    document = Document(name, name, name, name, "generic", "", None, "en", 1, 80, 1.0, "j", chunks)
    made = tuple(
        Chunk(start=n, end=n + 1, id=f"{name}{n}", number=n, text=f"{name} {n}", kind="text", tokens=1)
        for n in range(chunks)
    )
    vectors = np.arange(chunks * 4, dtype="<f4") + 1
    return document, Chunks(log="", chunks=made, model="m", dimensions=4, vectors=vectors.tobytes())


@pytest.fixture
def library(tmp_path: Path) -> Iterator[SqliteLibrary]:
    """A library with two documents."""
    with closing(SqliteLibrary(tmp_path / "l.sqlite")) as opened:
        for name, chunks in (("a", 2), ("b", 3)):
            opened.put(*_document(name, chunks))
        yield opened


def test_a_store_gets_what_it_lacks_and_nothing_twice(library: SqliteLibrary) -> None:
    """Documents, chunks and vectors as they were; stores that have all are left alone."""
    new, whole = Shelf(), Shelf()
    whole.kept = {name: _document(name, chunks) for name, chunks in (("a", 2), ("b", 3))}
    assert catch_up(library, [new, whole]) == 2
    assert {name: (document, chunks.matrix().tolist()) for name, (document, chunks) in new.kept.items()} == {
        name: (document, chunks.matrix().tolist()) for name, (document, chunks) in whole.kept.items()
    }
    assert [chunks.chunks for _, chunks in new.kept.values()] == [chunks.chunks for _, chunks in whole.kept.values()]
    assert (catch_up(library, [new, whole]), new.calls, whole.calls) == (0, 2, 0)


def test_one_that_lost_a_document_gets_it_again(library: SqliteLibrary) -> None:
    """As after a restore from an old copy."""
    store = Shelf()
    store.kept = {"a": _document("a", 2)}
    assert catch_up(library, [store]) == 2
    assert set(store.kept) == {"a", "b"}


def test_without_stores_nothing_is_read(library: SqliteLibrary) -> None:
    """And an empty library has nothing to give."""
    assert catch_up(library, []) == 0
    library.remove("a")
    library.remove("b")
    assert catch_up(library, [Shelf()]) == 0

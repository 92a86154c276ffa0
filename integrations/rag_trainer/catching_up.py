"""Stores that were added after documents were trained: they get what the library has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from integrations.rag_trainer.library.sqlite import SqliteLibrary
from integrations.rag_trainer.ports import Document, VectorStore
from integrations.rag_trainer.results import Chunks


def catch_up(library: SqliteLibrary, stores: Sequence[VectorStore]) -> int:
    """Put every document into each store that has fewer points than the library has chunks; return how many documents.

    Trained documents are duplicates, so no training would ever bring them to a store that is new, or has lost its data.
    No model is needed: the library has the vectors. What a store has already stays as it is.

    Raises:
        ValueError: a store has vectors of another model.
        Exception: what a store raises that can't be reached.
    """
    if not stores:
        return 0
    chunks = sum(shelf.chunks for shelf in library.shelves().values())
    behind = [store for store in stores if store.count() < chunks]
    put = 0
    for document, made in _documents(library) if behind else ():
        put += 1
        for store in behind:
            store.replace(document, made)
    return put


def _documents(library: SqliteLibrary) -> Iterator[tuple[Document, Chunks]]:
    for shelf in library.shelves().values():
        ids, vectors = library.vectors_of(shelf)
        stored = library.chunks(ids)
        if not stored:
            continue  # it was removed meanwhile
        made = Chunks(
            log="read from the library",
            chunks=tuple(one.chunk for one in stored),
            model=shelf.model,
            dimensions=shelf.dimensions,
            vectors=vectors.tobytes(),
        )
        yield stored[0].document, made

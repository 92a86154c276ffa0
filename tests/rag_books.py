"""A library in a JSON file and stores that keep nothing, for tests of the trainer's engine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from integrations.rag_trainer.ports import EVERYWHERE, Document, Filter, Hit, StoredChunk, Vector
from integrations.rag_trainer.results import Chunks


class BookLibrary:
    """A library in one JSON file, written as a whole (`ports.Library`)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.books: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        self.closed = False

    def holder_of(self, fingerprint: str) -> str | None:
        """Look in all books."""
        books = sorted(self.books.items())
        return next((name for name, book in books if book["document"]["file_hash"] == fingerprint), None)

    def put(self, document: Document, chunks: Chunks) -> int:
        """Write a book."""
        before = self.remove(document.name)
        kept = {"document": asdict(document), "chunks": json.loads(chunks.model_dump_json())}
        self._write({**self.books, document.name: kept})
        return before

    def remove(self, name: str) -> int:
        """Take a book out."""
        book = self.books.pop(name, None)
        self._write(self.books)
        return 0 if book is None else len(book["chunks"]["chunks"])

    def documents(self) -> list[Document]:
        """List them."""
        return [Document(**self.books[name]["document"]) for name in sorted(self.books)]

    def chunks(self, ids: Sequence[str]) -> list[StoredChunk]:
        """Find chunks."""
        found = {
            chunk.id: StoredChunk(Document(**book["document"]), chunk)
            for book in self.books.values()
            for chunk in Chunks.model_validate_json(json.dumps(book["chunks"])).chunks
        }
        return [found[id] for id in ids if id in found]

    def matching(self, words: Sequence[str], k: int, filter: Filter = EVERYWHERE) -> list[Hit]:
        """Find chunks that hold a word."""
        hits = []
        for book in self.books.values():
            for chunk in book["chunks"]["chunks"]:
                number = sum(word.lower() in chunk["text"].lower() for word in words)
                hits += [Hit(chunk["id"], float(number))] if number else []
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:k]

    def close(self) -> None:
        """Note it."""
        self.closed = True

    def _write(self, books: dict[str, dict[str, Any]]) -> None:
        self.books = books
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps(books, sort_keys=True, ensure_ascii=False), "utf-8")
        draft.replace(self._path)


class NoStore:
    """A vector and graph store that notes what is removed (`ports.VectorStore`, `ports.GraphStore`)."""

    name = "none"

    def __init__(self) -> None:
        self.removed: list[str] = []

    def replace(self, *_what: object) -> int:
        """Keep nothing."""
        return 0

    def remove(self, name: str) -> Any:
        """Note it."""
        self.removed.append(name)
        return 0

    def sequences(self, document: str) -> None:
        """Have none."""

    def count(self) -> int:
        """Have none."""
        return 0

    def nearest(self, vector: Vector, k: int, filter: Filter = EVERYWHERE) -> list[Hit]:
        """Have none."""
        return []

    def close(self) -> None:
        """Do nothing."""

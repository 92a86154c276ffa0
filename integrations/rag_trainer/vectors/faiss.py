"""Vectors in a FAISS index: one file that FAISS itself can read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

import faiss
import numpy as np

from integrations.rag_trainer.library.sqlite import Shelf, SqliteLibrary, normal
from integrations.rag_trainer.ports import EVERYWHERE, Document, Filter, Hit, Matrix, Vector, WrongModel
from integrations.rag_trainer.results import Chunks

_Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]
_SHARE: Final = 0.1


class FaissVectors:
    """An exact index (`IndexFlatIP` under `IndexIDMap`); a vector's number is the first 63 bits of its chunk's id.

    The library is what holds; the index follows. When it is opened, and when the library has changed by other hands,
    it is compared with the library: what is missing is added, what is too much goes, and a file that is absent or
    damaged is made anew. The file is replaced as a whole, when a tenth has changed and at the end; a kill before that
    costs time at the next start, and nothing else. A process that only asks writes no file.
    """

    def __init__(self, path: Path, library: SqliteLibrary) -> None:
        self._path = path
        self._library = library
        self._index: Any = _read(path)
        self._ids: dict[int, str] = {}
        self._shelves: dict[Shelf, list[str]] = {}
        self._ahead: dict[str, list[str]] = {}
        self._revision = -1
        self._changed = 0
        self._writes = False

    @property
    def name(self) -> str:
        """For reports."""
        return "faiss"

    def replace(self, document: Document, chunks: Chunks) -> int:
        """Have exactly these vectors for a document; return how many others it had that are gone.

        Raises:
            WrongModel: the library has vectors of another model.
        """
        self._library.check(document.name, chunks)
        self._follow()
        before = self._own(document.name)
        ids = [chunk.id for chunk in chunks.chunks]
        self._drop(set(map(number_of, [*before, *ids])))
        self._add(ids, chunks.matrix())
        self._ahead[normal(document.name)] = ids
        self._save()
        return len(set(before) - set(ids))

    def remove(self, name: str) -> int:
        """Take a document's vectors out; return how many there were."""
        self._follow()
        gone = self._drop(set(map(number_of, self._own(name))))
        self._ahead[normal(name)] = []
        self._save()
        return gone

    def count(self) -> int:
        """Count the vectors."""
        self._follow()
        return 0 if self._index is None else int(self._index.ntotal)

    def nearest(self, vector: Vector, k: int, filter: Filter = EVERYWHERE) -> list[Hit]:
        """Find the nearest chunks, best first; the score is the cosine.

        Raises:
            WrongModel: the question's vector has another length.
        """
        self._follow()
        if self._index is None or k < 1 or not self._index.ntotal:
            return []
        if len(vector) != self._index.d:
            raise WrongModel(
                f"expected a question of {self._index.d} dimensions, as the index has, got {len(vector)}; "
                "ask with the model that the library was trained with"
            )
        parameters = None
        if filter != EVERYWHERE:
            numbers = np.fromiter(map(number_of, self._library.ids(filter)), np.int64)
            parameters = cast(Any, faiss).SearchParameters(sel=faiss.IDSelectorBatch(numbers))
        scores, numbers_found = self._index.search(vector.reshape(1, -1), min(k, self._index.ntotal), params=parameters)
        pairs = zip(numbers_found[0].tolist(), scores[0].tolist(), strict=True)
        hits = [Hit(self._ids[number], score) for number, score in pairs if number in self._ids]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))

    def close(self) -> None:
        """Write the file, if this process changed documents, and let go of the index."""
        self._save(at_once=True)
        self._index = None
        self._revision = -1

    def _own(self, name: str) -> list[str]:
        ahead = self._ahead.get(normal(name))
        return self._library.ids(Filter(names=(name,))) if ahead is None else ahead

    def _follow(self) -> None:
        """Be as the library is. What `replace` and `remove` did ahead of it is undone when the library changed without
        it: then somebody else was the next to write."""
        revision = self._library.revision()
        if revision == self._revision:
            return
        shelves = set(self._library.shelves().values())
        dimensions = {shelf.dimensions for shelf in shelves}
        if self._index is not None and dimensions and dimensions != {self._index.d}:
            self._index = None
            self._shelves = {}
        there = set(_numbers(self._index).tolist())
        known = {shelf: ids for shelf, ids in self._shelves.items() if shelf in shelves}
        for shelf in shelves - known.keys():
            known[shelf], rows = self._library.vectors_of(shelf)
            missing = [at for at, id_ in enumerate(known[shelf]) if number_of(id_) not in there]
            self._add([known[shelf][at] for at in missing], rows[missing])
        self._ids = {number_of(id_): id_ for ids in known.values() for id_ in ids}
        self._drop(there - self._ids.keys())
        self._shelves, self._ahead, self._revision = known, {}, revision

    def _add(self, ids: list[str], rows: Matrix) -> None:
        if not ids:
            return
        if self._index is None:
            self._index = faiss.IndexIDMap(faiss.IndexFlatIP(rows.shape[1]))
        numbers = np.array([number_of(id_) for id_ in ids], np.int64)
        self._index.add_with_ids(np.ascontiguousarray(rows, np.float32), numbers)
        self._ids.update(zip(numbers.tolist(), ids, strict=True))
        self._changed += len(ids)

    def _drop(self, numbers: set[int]) -> int:
        if self._index is None or not numbers:
            return 0
        gone = int(self._index.remove_ids(np.array(sorted(numbers), np.int64)))
        for number in numbers:
            self._ids.pop(number, None)
        self._changed += gone
        return gone

    def _save(self, at_once: bool = False) -> None:
        self._writes = self._writes or not at_once
        if self._index is None or not self._writes or not self._changed:
            return
        if not at_once and self._path.exists() and self._changed < self._index.ntotal * _SHARE:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(self._path.name + ".new")
        with beside.open("wb") as file:
            file.write(faiss.serialize_index(self._index).tobytes())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        self._changed = 0


def number_of(id: str) -> int:
    """Return a chunk's number in the index: the first 63 bits of its id. Two of a million agree once in 18 million."""
    return UUID(id).int >> 65


def _numbers(index: Any) -> _Numbers:
    if index is None:
        return np.empty(0, np.int64)
    numbers: _Numbers = faiss.vector_to_array(index.id_map)
    return numbers


def _read(path: Path) -> Any:
    # Whatever is wrong with the file: all that is in it is in the library too.
    try:
        index = faiss.deserialize_index(np.fromfile(path, np.uint8))
    except (OSError, RuntimeError, IndexError):
        return None
    return index if isinstance(index, faiss.IndexIDMap) else None

"""Exact search over the vectors that lie in the library itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from integrations.rag_trainer.library.sqlite import Shelf, SqliteLibrary
from integrations.rag_trainer.ports import EVERYWHERE, Document, Filter, Hit, Matrix, Vector, WrongModel
from integrations.rag_trainer.results import Chunks

_Rows = np.ndarray[tuple[int], np.dtype[np.int32]]


@dataclass(frozen=True, slots=True)
class _Loaded:
    """All vectors of one model as they were at one revision; `owners` are the documents' keys, row by row."""

    model: str
    shelves: dict[int, Shelf]
    ids: list[str]
    owners: _Rows
    matrix: Matrix


class EmbeddedVectors:
    """Compares a question with every vector, in memory.

    The vectors are read at the first question and kept: 4 bytes per dimension and chunk. When the library has changed
    since, by this process or another one, the documents that changed are read again before the next answer.

    Args:
        model: whose vectors count; empty: those of the document that was put in last.
    """

    def __init__(self, library: SqliteLibrary, model: str = "") -> None:
        self._library = library
        self._model = model
        self._revision = -1
        self._loaded: _Loaded | None = None

    @property
    def name(self) -> str:
        """For reports."""
        return "embedded"

    def replace(self, document: Document, chunks: Chunks) -> int:
        """Put the document into the library; return how many other chunks it had.

        Raises:
            WrongModel: the library has vectors of another model.
        """
        before = self._library.ids(Filter(names=(document.name,)))
        self._library.put(document, chunks)
        return len(set(before) - {chunk.id for chunk in chunks.chunks})

    def remove(self, name: str) -> int:
        """Take the document out of the library; return how many points it had."""
        return self._library.remove(name)

    def count(self) -> int:
        """Count the points."""
        return sum(shelf.chunks for shelf in self._library.shelves().values())

    def nearest(self, vector: Vector, k: int, filter: Filter = EVERYWHERE) -> list[Hit]:
        """Find the nearest chunks, best first, of equal ones the one with the smaller id; the score is the cosine.

        Raises:
            WrongModel: the question's vector has another length.
        """
        loaded = self._current()
        if not loaded.ids or k < 1:
            return []
        if len(vector) != loaded.matrix.shape[1]:
            raise WrongModel(
                f"expected a question of {loaded.matrix.shape[1]} dimensions, as {loaded.model} makes, got "
                f"{len(vector)}; ask with the model that the library was trained with"
            )
        if filter == EVERYWHERE:
            return best(loaded.ids, loaded.matrix @ vector, k)
        keys = np.fromiter(self._library.shelves(filter), np.int32)
        rows = np.flatnonzero(np.isin(loaded.owners, keys))
        return best([loaded.ids[row] for row in rows], loaded.matrix[rows] @ vector, k)

    def close(self) -> None:
        """Let go of the vectors; the library stays its owner's."""
        self._loaded = None

    def _current(self) -> _Loaded:
        revision = self._library.revision()
        if self._loaded is None or revision != self._revision:
            # Read in this order, a change in between is seen at the next question.
            self._loaded = self._load(self._loaded)
            self._revision = revision
        return self._loaded

    def _load(self, old: _Loaded | None) -> _Loaded:
        shelves = self._library.shelves()
        last = max(shelves.values(), key=lambda shelf: shelf.revision, default=None)
        model = self._model or (last.model if last else "")
        shelves = {key: shelf for key, shelf in shelves.items() if shelf.model == model}
        dimensions = max((shelf.dimensions for shelf in shelves.values()), default=1)
        kept = _kept(old, shelves) if old is not None and old.model == model else np.empty(0, np.int64)
        known = set(old.owners[kept].tolist()) if old is not None else set()
        ids = [old.ids[row] for row in kept] if old is not None else []
        matrices = [old.matrix[kept]] if old is not None and len(kept) else []
        owners = [old.owners[kept]] if old is not None and len(kept) else []
        for key in shelves.keys() - known:
            more, rows = self._library.vectors_of(shelves[key])
            ids += more
            matrices.append(rows)
            owners.append(np.full(len(more), key, np.int32))
        empty = np.empty((0, dimensions), np.float32)
        return _Loaded(
            model, shelves, ids, np.concatenate([np.empty(0, np.int32), *owners]), np.concatenate([empty, *matrices])
        )


def _kept(old: _Loaded, shelves: dict[int, Shelf]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    same = [key for key, shelf in old.shelves.items() if shelves.get(key) == shelf]
    rows: np.ndarray[tuple[int], np.dtype[np.int64]] = np.flatnonzero(np.isin(old.owners, np.array(same, np.int32)))
    return rows


def best(ids: list[str], scores: Vector, k: int) -> list[Hit]:
    """Return the `k` highest scores; of equal ones the one with the smaller id."""
    top: Iterable[int] = range(len(ids))
    if len(ids) > k:
        # All that are as good as the k-th, so that ties are decided below.
        edge = np.partition(scores, len(ids) - k)[len(ids) - k]
        top = np.flatnonzero(scores >= edge).tolist()
    return sorted((Hit(ids[row], float(scores[row])) for row in top), key=lambda hit: (-hit.score, hit.id))[:k]

"""What the trainer stands on: a model for embeddings, the library of documents, stores for vectors and graphs.

All are called from one thread at a time, and block. What the network or the disk raises passes through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from integrations.rag_trainer.results import Chunk, Chunks, Markup, Sequences

Matrix: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.float32]]
Vector: TypeAlias = np.ndarray[tuple[int], np.dtype[np.float32]]


class EmbeddingFailed(Exception):
    """There are no vectors. The text says why, and what to do; it has no secret."""


class WrongModel(ValueError):
    """Vectors can't be compared with those that are there. The text says which model made these, and what to do."""


class StoreFailed(Exception):
    """A store couldn't be reached, refused, or was too slow. The text says why, and what to do; it has no secret."""


class Embedder(Protocol):
    """A model that turns text into vectors."""

    @property
    def model(self) -> str:
        """Its name; vectors of different names are never compared."""

    @property
    def dimensions(self) -> int:
        """Length of its vectors."""

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that it takes into account."""

    def count(self, text: str) -> int:
        """Count the tokens of a text as the model does, without marks for begin and end."""

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Turn texts into vectors of length 1, one per row, in their order.

        Raises:
            EmbeddingFailed: an endpoint refused, failed, was too slow, or answered with something else.
        """

    def close(self) -> None:
        """Let go of what it holds."""


@dataclass(frozen=True, slots=True)
class Document:
    """A trained document.

    Attributes:
        name: see `draft.Source`.
        designation: its official number.
        trained: when, seconds since 1970.
        quality: 0 to 100.
    """

    name: str
    file_hash: str
    content_hash: str
    title: str
    type: str
    subtype: str
    designation: str | None
    language: str
    size: int
    quality: int
    trained: float
    job_id: str
    chunks: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Where to look: in documents that have one of the values of each field that has any. All empty: everywhere."""

    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    subtypes: tuple[str, ...] = ()
    designations: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


EVERYWHERE = Filter()


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found; of two, the better one has the higher score."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk and the document that it is part of."""

    document: Document
    chunk: Chunk


class Library(Protocol):
    """All trained documents: who they are, their chunks, the words and the vectors by which they are found.

    Kept in one file. A document is put in, replaced and removed as a whole: whoever reads meanwhile, or after a kill,
    finds it as it was or as it is.
    """

    def holder_of(self, fingerprint: str) -> str | None:
        """Return the name of the document with this file hash or content hash."""

    def put(self, document: Document, chunks: Chunks) -> int:
        """Put a document in, in place of the one of the same name; return how many chunks that one had."""

    def remove(self, name: str) -> int:
        """Take a document out; return how many chunks it had."""

    def documents(self) -> list[Document]:
        """Return all documents by their names."""

    def chunks(self, ids: Sequence[str]) -> list[StoredChunk]:
        """Return chunks in the order of `ids`; those that aren't there (any more) are left out."""

    def matching(self, words: Sequence[str], k: int, filter: Filter = EVERYWHERE) -> list[Hit]:
        """Find the chunks with the highest BM25 score for these words (of `terms.terms`); any may be absent."""

    def close(self) -> None:
        """Close the file."""


class VectorStore(Protocol):
    """Vectors of chunks. One contract suite runs on each implementation."""

    @property
    def name(self) -> str:
        """For reports, such as `embedded`, `qdrant`, `faiss`, `pgvector`."""

    def replace(self, document: Document, chunks: Chunks) -> int:
        """Have exactly these points for a document; return how many others it had that are gone. What is there already
        stays as it is, so doing it again changes nothing.

        Raises:
            WrongModel: the store has vectors of another model or length.
        """

    def remove(self, name: str) -> int:
        """Take a document's points out; return how many there were."""

    def count(self) -> int:
        """Count the points."""

    def nearest(self, vector: Vector, k: int, filter: Filter = EVERYWHERE) -> list[Hit]:
        """Find the nearest chunks, best first; the score is the cosine.

        Raises:
            WrongModel: the question's vector has another length; not every store sees that.
        """

    def close(self) -> None:
        """Let go of what it holds."""


class GraphStore(Protocol):
    """Works and what depends on what, of all documents. One contract suite runs on each implementation."""

    @property
    def name(self) -> str:
        """For reports, such as `embedded` or `neo4j`."""

    def replace(self, document: str, sequences: Sequences, markup: Markup) -> int:
        """Have exactly this graph for a document, as a whole or not at all; return how many works were written."""

    def remove(self, document: str) -> None:
        """Take a document's graph out."""

    def sequences(self, document: str) -> Sequences | None:
        """Read a document's sequences back; `None`: there is no such document."""

    def close(self) -> None:
        """Let go of what it holds."""

"""An index in memory behind the ports of the library and the vector store: exact search, one clause a chunk.

It measures the retrieval alone: whatever recognition and chunking do to a document is not in the figures.
"""

from __future__ import annotations

import hashlib
import math
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from benchmarks.retrieval.corpus import Paper
from integrations.rag_trainer.ports import EVERYWHERE, Document, Embedder, Filter, Hit, Matrix, StoredChunk, Vector
from integrations.rag_trainer.results import Chunk, Chunks
from integrations.rag_trainer.terms import terms

_K1 = 1.2
_B = 0.75


class MemoryIndex:
    """A library and a vector store of papers.

    BM25 is that of Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with k1 = 1.2 and b = 0.75,
    over a chunk's text, its headings and its document's title; the cosine is exact.

    Args:
        embedder: makes the vectors; `None`: there are none.
    """

    def __init__(self, papers: Mapping[str, Paper], embedder: Embedder | None) -> None:
        self._stored = {one.chunk.id: one for paper in papers.values() for one in _chunks(paper)}
        self._ids = list(self._stored)
        self._counts = [Counter(terms(embedded(one))) for one in self._stored.values()]
        self._lengths = [counts.total() for counts in self._counts]
        self._mean = sum(self._lengths) / max(len(self._lengths), 1)
        self._spread = Counter(word for counts in self._counts for word in counts)
        self._vectors: Matrix | None = None
        if embedder is not None:
            self._vectors = embedder.embed([embedded(one) for one in self._stored.values()])

    @property
    def name(self) -> str:
        """`memory`."""
        return "memory"

    def documents(self) -> list[Document]:
        """Return all documents by their names."""
        return sorted({one.document.name: one.document for one in self._stored.values()}.values(), key=lambda d: d.name)

    def chunks(self, ids: Sequence[str]) -> list[StoredChunk]:
        """Return chunks in the order of `ids`, those that are there."""
        return [self._stored[id] for id in ids if id in self._stored]

    def matching(self, words: Sequence[str], k: int, filter: Filter = EVERYWHERE) -> list[Hit]:
        """Find the chunks with the highest BM25 score."""
        scores = ((index, self._bm25(words, index)) for index in self._within(filter))
        return self._best([(index, score) for index, score in scores if score > 0], k)

    def nearest(self, vector: Vector, k: int, filter: Filter = EVERYWHERE) -> list[Hit]:
        """Find the chunks with the highest cosine."""
        if self._vectors is None:
            return []
        cosines = self._vectors @ np.asarray(vector, np.float32)
        return self._best([(index, float(cosines[index])) for index in self._within(filter)], k)

    def count(self) -> int:
        """Count the chunks."""
        return len(self._ids)

    def holder_of(self, fingerprint: str) -> str | None:
        """Return the document with this hash."""
        return next((one.name for one in self.documents() if one.file_hash == fingerprint), None)

    def put(self, document: Document, chunks: Chunks) -> int:
        """Not offered: an index of a measurement doesn't change."""
        raise NotImplementedError("a measurement's index is made once")

    def replace(self, document: Document, chunks: Chunks) -> int:
        """Not offered, as `put`."""
        raise NotImplementedError("a measurement's index is made once")

    def remove(self, name: str) -> int:
        """Not offered, as `put`."""
        raise NotImplementedError("a measurement's index is made once")

    def close(self) -> None:
        """Nothing is held but memory."""

    def _within(self, filter: Filter) -> Iterator[int]:
        for index, one in enumerate(self._stored.values()):
            document = one.document
            asked = (
                (filter.names, document.name),
                (filter.types, document.type),
                (filter.subtypes, document.subtype),
                (filter.designations, document.designation),
                (filter.languages, document.language),
            )
            if all(not wanted or value in wanted for wanted, value in asked):
                yield index

    def _bm25(self, words: Sequence[str], index: int) -> float:
        counts, norm = self._counts[index], 1 - _B + _B * self._lengths[index] / self._mean
        return math.fsum(
            math.log(1 + (len(self._ids) - self._spread[word] + 0.5) / (self._spread[word] + 0.5))
            * counts[word]
            * (_K1 + 1)
            / (counts[word] + _K1 * norm)
            for word in dict.fromkeys(words)
            if counts[word]
        )

    def _best(self, scored: Sequence[tuple[int, float]], k: int) -> list[Hit]:
        best = sorted(scored, key=lambda pair: (-pair[1], self._ids[pair[0]]))[:k]
        return [Hit(self._ids[index], score) for index, score in best]


def embedded(one: StoredChunk) -> str:
    """Give the text by which a chunk is found: the title and the headings, then the text."""
    return "\n".join((one.document.title, *one.chunk.path, one.chunk.text))


def _chunks(paper: Paper) -> Iterator[StoredChunk]:
    opening = paper.text[: min(start for start, _ in paper.clauses.values())]
    designation, *rest = [block.strip() for block in opening.split("\n\n") if block.strip()]
    title = " ".join(block for block in rest if not block[0].isdigit())
    digest = hashlib.sha256(paper.text.encode()).hexdigest()
    document = Document(
        name=paper.name,
        file_hash=digest,
        content_hash=digest,
        title=f"{designation}. {title}",
        type="generic",
        subtype="",
        designation=designation,
        language="ru" if "а" in paper.text else "en",
        size=len(paper.text),
        quality=100,
        trained=0.0,
        job_id="benchmark",
        chunks=len(paper.clauses),
    )
    for number, (start, end) in enumerate(paper.clauses.values()):
        id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{digest}/{number}"))
        path = (_heading(paper.text, start),)
        text = paper.text[start:end]
        chunk = Chunk(
            id=id, number=number, start=start, end=end, text=text, kind="text", path=path, tokens=max(1, len(text) // 4)
        )
        yield StoredChunk(document, chunk)


def _heading(text: str, before: int) -> str:
    """Give the last line above that is a section's heading: a whole number and words."""
    lines = text[:before].splitlines()
    return next((line for line in reversed(lines) if line.split(" ")[0].isdigit()), "")

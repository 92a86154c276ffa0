"""Embeddings on this machine, from weights that are installed as packages: nothing is downloaded at run time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import numpy as np

from integrations.rag_trainer.embedding.english import DIMENSIONS as ENGLISH
from integrations.rag_trainer.embedding.english import EnglishEncoder
from integrations.rag_trainer.embedding.multilingual import DIMENSIONS as MULTILINGUAL
from integrations.rag_trainer.embedding.multilingual import MultilingualEncoder
from integrations.rag_trainer.ports import Matrix

LocalModel: TypeAlias = Literal["use-multilingual-3+minilm-l6", "use-multilingual-3"]
MAX_TOKENS: Final = 8_192
_LATIN: Final = 0.5
_SHARE: Final = np.float32(np.sqrt(0.5))


class LocalEmbedder:
    """Two models side by side in one vector: a multilingual one for each text, and a better one for English.

    A vector is `[multilingual, english]`. For a text that is mostly in Latin letters each half has half the weight, for
    any other the second half is 0. So two English texts are compared by both models, two Russian ones by the first, and
    an English question finds Russian passages by the first. The figures: docs/decisions/0015-embeddings-and-library.md.

    Deterministic: a text gives the same bytes whatever stands beside it. One text at a time is worked on, so memory is
    bounded by `max_tokens` (about 100 MB for a text of that length).

    Args:
        model: with the second half, or without (smaller vectors, for English about ten times as fast, and worse).
        threads: of the models.
    """

    def __init__(self, model: LocalModel = "use-multilingual-3+minilm-l6", threads: int = 1) -> None:
        self._model = model
        self._multilingual = MultilingualEncoder(threads)
        self._english = EnglishEncoder(threads) if model == "use-multilingual-3+minilm-l6" else None

    @property
    def model(self) -> str:
        """Its name; the number after `/` rises when this class makes other vectors of the same weights."""
        return f"{self._model}/1"

    @property
    def dimensions(self) -> int:
        """Length of its vectors: 896, or 512 without the English half."""
        return MULTILINGUAL + (ENGLISH if self._english else 0)

    @property
    def max_tokens(self) -> int:
        """Tokens of the longest text that it takes."""
        return MAX_TOKENS

    def count(self, text: str) -> int:
        """Count the tokens of a text as the multilingual model does, without marks for begin and end."""
        return self._multilingual.count(text)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Turn texts into vectors of length 1, one per row, in their order.

        Raises:
            ValueError: a text has more than `max_tokens`; none is cut in silence.
        """
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            self._fill(row, text)
        return rows

    def close(self) -> None:
        """Nothing is held but memory."""

    def _fill(self, row: np.ndarray[tuple[int], np.dtype[np.float32]], text: str) -> None:
        # No token is shorter than a byte after normalisation, which triples a character at most in practice; so short
        # texts, which is nearly all, aren't counted.
        if len(text) > MAX_TOKENS // 4 and (tokens := self.count(text)) > MAX_TOKENS:
            raise ValueError(f"expected a text of at most {MAX_TOKENS} tokens, got one of {tokens}; split it")
        row[:MULTILINGUAL] = self._multilingual.encode(text)
        if self._english is not None and is_latin(text):
            row[:MULTILINGUAL] *= _SHARE
            row[MULTILINGUAL:] = self._english.encode(text) * _SHARE


def is_latin(text: str) -> bool:
    """Whether at least half of a text's letters are Latin (without accents); not, when it has no letter."""
    letters = sum(map(str.isalpha, text))
    latin = sum(character.isascii() and character.isalpha() for character in text)
    return letters > 0 and latin >= letters * _LATIN

"""Embeddings without a model: words and pairs of words, hashed into the dimensions of a vector."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from hashlib import blake2b
from itertools import pairwise
from math import sqrt
from typing import Final

_CHINESE_JAPANESE_KOREAN: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD: Final = re.compile(f"[{_CHINESE_JAPANESE_KOREAN}]|[^\\W_{_CHINESE_JAPANESE_KOREAN}]+")
"""A run of letters and digits; in scripts without spaces, each sign."""

_SIGN: Final = 1 << 63


class HashingEmbedder:
    """Signed feature hashing of words and pairs of neighbouring words, as vectors of length 1.

    Lexical: texts are near when they share words. It knows no synonyms and no grammar, so it is no substitute for a
    model; but it needs none, gives the same vector in every process, and finds exact words and numbers.

    Method: Weinberger, Dasgupta, Langford, Smola and Attenberg, "Feature Hashing for Large Scale Multitask Learning",
    ICML 2009: a second hash gives each feature its sign, so that collisions don't add up.

    Args:
        dimensions: of the vectors (8 to 65,536). The fewer, the more words collide.
    """

    def __init__(self, dimensions: int = 512) -> None:
        if not 8 <= dimensions <= 65_536:
            raise ValueError(f"expected 8 to 65536 dimensions, got {dimensions}")
        self.dimensions = dimensions

    def __call__(self, text: str) -> list[float]:
        """Turn text into a vector.

        Raises:
            ValueError: there is no word in it, so it is near nothing.
        """
        words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
        if not words:
            raise ValueError("expected a text with at least one letter or digit")
        features = Counter(words) + Counter(f"{one} {two}" for one, two in pairwise(words))
        vector = [0.0] * self.dimensions
        for feature, number in features.items():
            hashed = int.from_bytes(blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
            vector[hashed % self.dimensions] += -number if hashed & _SIGN else number
        # Never 0: n words and n - 1 pairs are an odd number of features, which can't all cancel out.
        length = sqrt(sum(value * value for value in vector))
        return [value / length for value in vector]

"""The words by which chunks are found: one way for the index and for questions."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import snowballstemmer

_WORD: Final = re.compile(r"\w+(?:[.\-/]\w+)*")
_RUSSIAN: Final[Callable[[str], str]] = snowballstemmer.stemmer("russian").stemWord
_ENGLISH: Final[Callable[[str], str]] = snowballstemmer.stemmer("english").stemWord


def terms(text: str) -> list[str]:
    """Return a text's words in their order: small letters, stemmed by Snowball, in Russian or English by their letters.

    Numbers of clauses and of documents (`5.2.1`, `48.13330.2019`) stay whole.
    """
    return [_stem(word) for word in _WORD.findall(text.lower().replace("ё", "е"))]


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    if not word.isalpha():
        return word
    return _RUSSIAN(word) if "а" <= word[0] <= "я" else _ENGLISH(word)

"""A text with its variants of spelling made one, character by character, so that every place stays where it is.

Norms are typed and scanned with non-breaking spaces, five kinds of dashes, and Latin letters inside Cyrillic words
(`ГOCT`, `CП`), which look the same to people and not to rules.
"""

from __future__ import annotations

import re
from typing import Final

_SPACES: Final = "\t\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200C))
)
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad"
_TABLE: Final = str.maketrans(
    dict.fromkeys(_SPACES, " ")
    | dict.fromkeys(_DASHES, "-")
    | {"º": "°", "˚": "°"}
    | {"ё": "е", "Ё": "Е", "İ": "I"}  # İ is the one letter that gets longer in lower case
)

_LATIN: Final = "ABCEHKMOPTXYaceopxyk"
_CYRILLIC: Final = "АВСЕНКМОРТХУасеорхук"
_TO_CYRILLIC: Final = str.maketrans(_LATIN, _CYRILLIC)
TO_LATIN: Final = str.maketrans(_CYRILLIC, _LATIN)
"""Cyrillic letters that look like Latin ones, for grades such as `В25`."""
_MIXED: Final = re.compile(r"[А-Яа-я][A-Za-z]|[A-Za-z][А-Яа-я]")
_WORD_END: Final = re.compile(r"[A-Za-zА-Яа-я]*")


def fold(text: str) -> str:
    """Return `text` with plain spaces, hyphens for all dashes, е for ё, and words of mixed letters in Cyrillic.

    A word is mixed when Cyrillic and Latin letters stand side by side in it; its Latin letters that look like Cyrillic
    ones become these. Of the same length as `text`; so is its lower case. Line feeds stay. Folding twice changes
    nothing.
    """
    text = text.translate(_TABLE)
    pieces, done = [], 0
    while found := _MIXED.search(text, done):
        start = found.start()
        while start > done and text[start - 1].isalpha():
            start -= 1
        end = _end_of(text, found.end())
        pieces += [text[done:start], text[start:end].translate(_TO_CYRILLIC)]
        done = end
    return "".join([*pieces, text[done:]])


def _end_of(text: str, place: int) -> int:
    found = _WORD_END.match(text, place)
    return found.end() if found else place


def simple(text: str) -> str:
    """Return a folded text in lower case with single spaces: two that are equal say the same."""
    return " ".join(fold(text).lower().split())

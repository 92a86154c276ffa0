"""The words by which chunks are found: one way for the index and for questions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

import snowballstemmer

VERSION: Final = 2
"""Rises when the same text gives other terms: an index that was made by another version has to be made anew."""

_LONGEST: Final = 64
"""Characters of a term; what is longer (an encoded picture, a line without blanks) is cut there."""
_PARTS: Final = 8
"""Parts of one word with hyphens, dots or slashes that are taken."""
_WORD: Final = re.compile(r"[^\W_]+(?:[.\-/:][^\W_]+)*")
_BORDER: Final = re.compile(r"[.\-/:]")
_DECIMAL: Final = re.compile(r"(?<=\d),(?=\d)")
_FOLDED: Final = str.maketrans("ё‐‑‒–—−", "е------")
_TO_LATIN: Final = str.maketrans("авсенкмортху", "abcehkmoptxy")
_TO_CYRILLIC: Final = str.maketrans("abcehkmoptxy", "авсенкмортху")
_LATIN: Final = re.compile(r"[a-z]")
_CYRILLIC: Final = re.compile(r"[а-я]")
_RUSSIAN: Final[Callable[[str], str]] = snowballstemmer.stemmer("russian").stemWord
_ENGLISH: Final[Callable[[str], str]] = snowballstemmer.stemmer("english").stemWord


def terms(text: str) -> list[str]:
    """Return a text's words in their order: small letters, stemmed by Snowball, in Russian or English by their letters.

    Words with a hyphen are found by their parts. Numbers of clauses (`5.2.1`) and decimals (`0,5` as `0.5`) stay whole.
    A designation gives itself and what people shorten it to: `48.13330.2019`, `48.13330`, `48`. Grades are the same in
    Cyrillic and in Latin letters (`В25`, `B25`). A term has at most 64 characters, a word at most 9 terms.
    """
    folded = _DECIMAL.sub(".", text.lower().translate(_FOLDED))
    return [term for word in _WORD.findall(folded) for term in _terms(word)]


def significant(words: Sequence[str]) -> list[str]:
    """Return the terms of a question that tell something: without prepositions, question words and the like, of which
    a large library would have to rank nearly all its chunks. If there are no others, all of them."""
    return [word for word in words if word not in _EMPTY] or list(words)


def _terms(word: str) -> tuple[str, ...]:
    return _short_terms(word) if len(word) <= _LONGEST else tuple(_of(word))


@lru_cache(maxsize=100_000)
def _short_terms(word: str) -> tuple[str, ...]:
    return tuple(_of(word))


def _of(word: str) -> Iterator[str]:
    if word.isalpha():
        yield _stem(word[:_LONGEST])
        return
    parts = [_same_letters(part[:_LONGEST]) for part in _BORDER.split(word, _PARTS)[:_PARTS]]
    if not any(map(_has_digit, parts)):
        yield from map(_stem, parts)
        return
    borders = _BORDER.findall(word)
    whole = parts[0] + "".join(border + part for border, part in zip(borders, parts[1:], strict=False))
    yield whole[:_LONGEST]
    if len(parts) > 1 and any(len(part) > 2 for part in parts):
        yield from _shortened(whole, parts)


def _shortened(whole: str, parts: list[str]) -> Iterator[str]:
    """Yield what stands before the last parts, so that the year or the whole tail may be left out."""
    end = len(whole)
    for part in reversed(parts[1:]):
        end -= len(part) + 1
        yield whole[:end][:_LONGEST]
        if part.isalpha():
            yield _stem(part)


def _has_digit(part: str) -> bool:
    return any(map(str.isdigit, part))


def _same_letters(part: str) -> str:
    """Write a grade such as `в25` in Latin letters where these look the same."""
    return part.translate(_TO_LATIN) if _has_digit(part) else part


def _stem(word: str) -> str:
    if _CYRILLIC.search(word):
        # A Latin letter in a Cyrillic word was taken for the one that looks so.
        return _RUSSIAN(word.translate(_TO_CYRILLIC) if _LATIN.search(word) else word)
    return _ENGLISH(word)


_EMPTY: Final = frozenset(
    terms(
        "а бы быть был была было были в во вот где да для до его ее если есть еще же за и из или их к как какая какие "
        "какими каких какого какое какой каком какому какую когда ко кто ли либо мне можно мы на надо над не нет ни но "
        "ну нужно о об он она они оно от по под почему при про с сколько со так также такой те то того тоже той только "
        "том ту ты у уже чего чем через что чтобы эта эти это этого этой этот я "
        "a about after an and any are as at be been before being but by can could did do does for from had has have "
        "how i if in into is it its may must no not of on or shall should so such than that the their them then there "
        "these they this those to was we were what when where which who whom why will with would you"
    )
)

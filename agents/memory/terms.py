"""The words by which memories are found: of a memory, and of what is asked.

They are made here and not by PostgreSQL, so that text in any script has them, whatever the database's locale is:

- words, in lower case, without function words (`agents.models.words`); of Chinese and Japanese, which have no spaces,
  each two neighbouring signs;
- the first four and five letters of each longer word, which are the same in most of its forms (P. McNamee, C. Nicholas,
  J. Mayfield, "Addressing morphological variation in alphabetic languages", SIGIR 2009);
- identifiers as a whole (`ERR_4021`, `max_pool_size`, `v2.3.1`, `WebSocketManager`) and their parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from agents.models.words import words

ASKED_MAX: Final = 48
"""Terms of a question that are looked up; of more, those that stand first."""
KEPT_MAX: Final = 2_000
"""Terms of a memory that are kept."""
TERM_MAX: Final = 100
"""Characters of a term. PostgreSQL's bound is 2,046 bytes."""
BEGINNINGS: Final = {4: 0.25, 5: 0.5}
"""Letters of a word's beginnings, and what they count beside the word itself."""

_RUN: Final = re.compile(r"[^\W_]+(?:[_.:/@#+-]+[^\W_]+)*")
"""Letters and digits, with single signs between: what may be an identifier. Takes time in proportion to the text."""
_MIXED: Final = re.compile(r"[_.:/@#+-]|\d[^\W\d]|[^\W\d]\d|[a-z][A-Z]")
_HUMP: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_IDEOGRAPHIC: Final = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_ENDING: Final = re.compile(r"(?<=\w)['’](?:s|t|d|m|ll|re|ve)\b", re.IGNORECASE)
_MARK: Final = "*"
"""Behind a beginning, or it would be taken for a word."""


def kept_terms(text: str) -> list[str]:
    """Return the terms of a memory, each once, sorted."""
    return sorted(set(_terms(text)))[:KEPT_MAX]


def asked_terms(query: str) -> list[str]:
    """Return the terms of a question, each once: those that say most first."""
    found = sorted(dict.fromkeys(_terms(query)), key=lambda term: (term.endswith(_MARK), -len(term)))
    return found[:ASKED_MAX]


def identifiers(text: str) -> list[str]:
    """Return what looks like a name of code, a number of a ticket, a version, an address: in lower case, each once."""
    return list(dict.fromkeys(found.casefold()[:TERM_MAX] for found in _identifiers(text)))


def weight(term: str) -> float:
    """Return what a term of a question counts."""
    return BEGINNINGS[len(term) - len(_MARK)] if term.endswith(_MARK) else 1.0


def plain(text: str) -> str:
    """Return a text without English endings behind an apostrophe: of `What's` and `don't` no word `s` or `t` stays."""
    return _ENDING.sub("", text)


def _terms(text: str) -> Iterator[str]:
    text = plain(text.replace("\x00", " "))
    for word in sorted(words(text)):
        yield word[:TERM_MAX]
        if _LETTERS.fullmatch(word) and not _IDEOGRAPHIC.match(word):
            for letters in BEGINNINGS:
                if len(word) >= letters:
                    yield word[:letters] + _MARK
    for identifier in _identifiers(text):
        yield identifier.casefold()[:TERM_MAX]
        for part in _HUMP.findall(identifier):
            if len(part) > 1:
                yield part.casefold()[:TERM_MAX]


def _identifiers(text: str) -> list[str]:
    return [run for run in _RUN.findall(unicodedata.normalize("NFKC", text)) if _MIXED.search(run)]

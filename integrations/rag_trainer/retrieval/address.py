"""Where a question says itself to look: a document by its designation, a clause by its number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from integrations.rag_trainer.ports import Document
from integrations.rag_trainer.terms import terms

_CLAUSE: Final = re.compile(r"(?<![\d\-])(?<!\d\.)([1-9]\d{0,2}(?:\.[1-9]\d{0,2}){1,5})(?![\w\-]|\.\d)")
_CODE: Final = re.compile(
    r"([^\W\d_]{1,20})[ \t\n.\-#:]{0,3}(№ ?)?(\d\d(?: \d\d){2}(?!\d)|\d{1,8}(?:[.\-/:]\d{1,8}){0,5})"
)
_MARKS: Final = frozenset(
    [
        "п",
        "пп",
        "пункт",
        "раздел",
        "глав",
        "част",
        "приложен",
        "claus",
        "paragraph",
        "para",
        "item",
        "section",
        "part",
        "в",
        "in",
        "и",
        "of",
        "от",
        "до",
    ]
)
"""Words (as terms) before the number of a clause, or of anything, but not of a document."""
_TELLING: Final = 3
"""Digits from which a number alone, without the word before it, names a document."""
_TITLE: Final = 400
"""Characters of a title or a document's opening in which its number is looked for."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a question names.

    Attributes:
        codes: words with the number after them, such as `("сп", "48")`.
        clauses: numbers of clauses, such as `5.2.1`.
    """

    codes: frozenset[tuple[str, str]]
    clauses: tuple[str, ...]

    def is_of(self, text: str) -> bool:
        """Whether a designation, title or opening has a code of the question."""
        return bool(self.codes and self.codes & codes(text[:_TITLE]))

    def begins(self, text: str, path: Iterable[str]) -> bool:
        """Whether a clause of the question begins in a passage, or is its heading."""
        lines = (*text.split("\n"), *path)
        return any(line.lstrip().startswith((f"{number} ", f"{number}.")) for line in lines for number in self.clauses)


def address_of(question: str) -> Address:
    """Find codes and clauses in a question."""
    found = codes(question)
    alone = {("", number) for _, number in found if len(number) >= _TELLING}
    return Address(frozenset(found | alone), tuple(dict.fromkeys(_CLAUSE.findall(question))))


def codes(text: str) -> set[tuple[str, str]]:
    """Find words with a number after them, each also with the number's first part alone: `("сп", "48.13330.2019")`,
    `("сп", "48")`. With `№` between, the number counts without its word too: `("", "118")`."""
    found: set[tuple[str, str]] = set()
    for word, sign, number in _CODE.findall(text):
        name = "".join(terms(word))
        if " " in number:
            found.add((name, number))
        elif name not in _MARKS:
            numbers = {number, re.split(r"[.\-/:]", number)[0]}
            found |= {(one, piece) for one in ((name, "") if sign else (name,)) for piece in numbers}
    return found


def addressed(address: Address, documents: Iterable[Document]) -> frozenset[str]:
    """Return the names of the documents that a question names by designation, title or file name."""
    return frozenset(
        document.name
        for document in documents
        if address.is_of(document.designation or "") or address.is_of(document.title) or address.is_of(document.name)
    )

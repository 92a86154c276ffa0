"""The title of a document, as it stands in the text."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import Final

from integrations.rag_trainer.recognition.designations import designations
from integrations.rag_trainer.recognition.folding import fold, simple
from integrations.rag_trainer.recognition.lines import lines
from integrations.rag_trainer.results import Text

_HEAD: Final = 3_000
_LONGEST: Final = 250
_LINES: Final = 30
_KINDS: Final = {
    "свод правил",
    "национальный стандарт российской федерации",
    "государственный стандарт российской федерации",
    "государственный стандарт союза сср",
    "межгосударственный стандарт",
    "строительные нормы и правила",
    "строительные нормы и правила российской федерации",
    "ведомственные строительные нормы",
    "территориальные строительные нормы",
    "методические рекомендации",
    "технологическая карта",
    "типовая технологическая карта",
    "code of practice",
    "national standard",
    "international standard",
    "british standard",
    "technical specification",
}
"""Lines that say what kind of document it is, above the title of its own (folded, lower case)."""


def title_of(text: Text) -> str | None:
    """Return the title: that of the format's properties where it stands in the text; else the first heading of the
    first level near the begin; else the line after a designation that stands alone; else the first line with a word. A
    heading or a first line that only says the document's kind or designation is a title where there is no other.
    """
    head = text.text[:_HEAD]
    if text.title and simple(text.title) and simple(text.title) in simple(head):
        return " ".join(text.title.split())
    named = (
        " ".join(text.text[mark.start : mark.end].strip(" #\n\t").split())
        for mark in text.headings
        if mark.level == 1 and mark.end <= _HEAD
    )
    found = next((line for line in named if line and not _says_kind(line)), None) or _of_lines(head)
    return found and found[:_LONGEST]


def _of_lines(head: str) -> str | None:
    told = [" ".join(line.text.split()) for line in islice((one for one in lines(head) if not one.blank), _LINES)]
    told = [line for line in told if any(sign.isalpha() for sign in line)]
    for line, after in pairwise(told):
        if _is_designation(line):
            return after
    return next((line for line in told if not _says_kind(line)), told[0] if told else None)


def _says_kind(line: str) -> bool:
    return simple(line).strip(" .:*") in _KINDS or _is_designation(line)


def _is_designation(line: str) -> bool:
    found = next(designations(fold(line)), None)
    return found is not None and found.start == 0 and found.end == len(line)

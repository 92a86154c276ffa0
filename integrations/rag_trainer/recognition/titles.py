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


def title_of(text: Text) -> str | None:
    """Return the title: that of the format's properties where it stands in the text; else the first heading of the
    first level near the begin; else the line after a designation that stands alone; else the first line with a word.
    """
    head = text.text[:_HEAD]
    if text.title and simple(text.title) and simple(text.title) in simple(head):
        return " ".join(text.title.split())
    for mark in text.headings:
        told = " ".join(text.text[mark.start : mark.end].strip(" #\n\t").split())
        if mark.level == 1 and mark.end <= _HEAD and told:
            return told[:_LONGEST]
    return _of_lines(head)


def _of_lines(head: str) -> str | None:
    told = [" ".join(line.text.split()) for line in islice((one for one in lines(head) if not one.blank), _LINES)]
    told = [line for line in told if any(sign.isalpha() for sign in line)]
    for line, after in pairwise(told):
        found = next(designations(fold(line)), None)
        if found and found.start == 0 and found.end == len(line):
            return after[:_LONGEST]
    return told[0][:_LONGEST] if told else None

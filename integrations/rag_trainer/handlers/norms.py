"""Norms: what they require, recommend, forbid and allow, clause by clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.results import Item, Structure, Text
from integrations.rag_trainer.works.segments import segments

_KINDS: Final = (
    (
        "prohibition",
        r"не допуска[ею]тся|не разреша[ею]тся|запреща[ею]тся|не должн[аоы]?\b|не следует"
        r"|(?:shall|must|may) not\b|(?:is|are) (?:prohibited|forbidden|not (?:allowed|permitted))",
    ),
    ("recommendation", r"рекоменду[ею]тся|целесообразно|\bshould\b|(?:is|are) recommended"),
    (
        "obligation",
        r"\bдолж(?:ен|на|но|ны)\b|\bследует\b|\bнеобходимо\b|\bобязан[аоы]?\b|\b(?:shall|must)\b|(?:is|are) required",
    ),
    ("permission", r"\bдопуска[ею]тся\b|\bразреша[ею]тся\b|\bmay\b|(?:is|are) (?:allowed|permitted)"),
)
_PATTERNS: Final = tuple((kind, re.compile(pattern, re.I)) for kind, pattern in _KINDS)


class NormRequirements:
    """Items of the kind `requirement`; `data`: `modality` (obligation, recommendation, prohibition, permission),
    `word` that says so, and `clause`, the number of the clause or `None`."""

    name = "norms"
    types = ("norms",)

    def items(self, draft: Draft) -> Sequence[Item]:
        """Return the sentences that require, recommend, forbid or allow something."""
        text, structure = draft[Text].text, draft[Structure]
        heads = iter(structure.sections)
        following = next(heads, None)
        clause: str | None = None
        found = []
        for segment in segments(text, structure.tables):
            while following is not None and following.start <= segment.start:
                clause, following = following.number or clause, next(heads, None)
            if segment.marker is not None and "." in segment.marker:
                clause = segment.marker
            said = _modality(text, segment.start, segment.end)
            if said is not None:
                data = {"modality": said[0], "word": said[1], "clause": clause}
                sentence = text[segment.start : segment.end]
                found.append(Item(kind="requirement", text=sentence, data=data, start=segment.start, end=segment.end))
        return found


def _modality(text: str, start: int, end: int) -> tuple[str, str] | None:
    """A prohibition is looked for first, since "не допускается" has "допускается" in it."""
    for kind, pattern in _PATTERNS:
        if match := pattern.search(text, start, end):
            return kind, match[0].lower()
    return None

"""Stage 9: how well a document was understood, with the reasons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.results import DocumentType, Issue, Markup, Metadata, Quality, Structure, Text

_ABOUT_WORKS: Final = ("work_project", "estimate")
_REPLACED: Final = re.compile("[\ufffd\x00-\x08\x0b\x0c\x0e-\x1f]")


class QualityControl:
    """Takes penalties off 100.

    Args:
        confidence: of the type, below which it costs.
        sections, works, facts: numbers below which it costs; works only in types that are about works; facts are dates,
            sums, quantities, materials, references.
        completeness: share of the text in sections, below which it costs.
        chars: characters below which a text is very short.
        unreadable: share of characters that could not be read, from which it costs.
        repeated: share of lines (of 8 characters and more) that are there more than twice, from which it costs.
    """

    name = "quality control"
    result = Quality

    def __init__(
        self,
        *,
        confidence: float = 0.7,
        sections: int = 2,
        works: int = 3,
        facts: int = 3,
        completeness: float = 0.5,
        chars: int = 500,
        unreadable: float = 0.001,
        repeated: float = 0.3,
    ) -> None:
        self._confidence, self._sections, self._works, self._facts = confidence, sections, works, facts
        self._completeness, self._chars = completeness, chars
        self._unreadable, self._repeated = unreadable, repeated

    def run(self, draft: Draft) -> Quality:
        """Judge it."""
        issues = (*self._of_recognition(draft), *self._of_works(draft), *self._of_text(draft[Text]))
        score = max(0, 100 - sum(issue.penalty for issue in issues))
        reasons = ", ".join(f"{issue.code} -{issue.penalty}" for issue in issues)
        return Quality(log=f"quality {score} of 100" + (f" ({reasons})" if reasons else ""), score=score, issues=issues)

    def _of_recognition(self, draft: Draft) -> Iterator[Issue]:
        kind, structure, metadata = draft[DocumentType], draft[Structure], draft[Metadata]
        # `generic` is what is left when nothing speaks for a type: no fault of a letter or a note.
        if kind.type != "generic" and kind.confidence < self._confidence:
            yield Issue(
                code="uncertain_type",
                penalty=15,
                reason=f"the type {kind.type} has confidence {kind.confidence:.2f}, below {self._confidence:.2f}",
                recommendation="check the type; a title page with the document's kind and number makes it certain",
            )
        if (count := len(structure.sections)) < self._sections:
            yield Issue(
                code="few_sections",
                penalty=20,
                reason=f"{count} sections were found, below {self._sections}",
                recommendation="mark headings as headings, or number them",
            )
        elif structure.completeness < self._completeness:
            yield Issue(
                code="incomplete_structure",
                penalty=10,
                reason=f"{structure.completeness:.0%} of the text lies in sections, below {self._completeness:.0%}",
                recommendation="check that the headings of all parts were recognised",
            )
        facts = sum(
            map(len, (metadata.dates, metadata.money, metadata.quantities, metadata.materials, metadata.references))
        )
        if facts < self._facts:
            yield Issue(
                code="little_metadata",
                penalty=15,
                reason=f"{facts} dates, sums, quantities, materials and references were found, below {self._facts}",
                recommendation="check that the text is whole; a document without any of these is hard to find by facts",
            )

    def _of_works(self, draft: Draft) -> Iterator[Issue]:
        kind, markup = draft[DocumentType], draft[Markup]
        if kind.type in _ABOUT_WORKS and len(markup.works) < self._works:
            yield Issue(
                code="few_works",
                penalty=10,
                reason=f"{len(markup.works)} works were found in the type {kind.type}, below {self._works}",
                recommendation="name works in titles, lists, or a table with a column for names of works",
            )
        if markup.works and not markup.dependencies:
            yield Issue(
                code="no_dependencies",
                penalty=5,
                reason=f"{len(markup.works)} works were found, and 0 dependencies between them",
                recommendation="say what is done after what, or give the works as a numbered sequence",
            )
        if markup.dropped:
            yield Issue(
                code="contradictory_order",
                penalty=5,
                reason=f"{len(markup.dropped)} dependencies contradict others",
                recommendation="read the sentences at the places of the dropped dependencies; one of them is wrong",
            )

    def _of_text(self, text: Text) -> Iterator[Issue]:
        length = len(text.text)
        if length < self._chars:
            yield Issue(
                code="short_text",
                penalty=10,
                reason=f"the text has {length} characters, below {self._chars}",
                recommendation="check that the document isn't a scan or an excerpt",
            )
        if text.warnings:
            yield Issue(
                code="unread_parts",
                penalty=min(20, 5 * len(text.warnings)),
                reason=f"{len(text.warnings)} parts could not be read, the first: {text.warnings[0]}",
                recommendation="repair the file, or turn OCR on for scanned pages",
            )
        unreadable = len(_REPLACED.findall(text.text))
        if length and unreadable / length >= self._unreadable:
            yield Issue(
                code="unreadable_characters",
                penalty=15,
                reason=f"{unreadable} of {length} characters are replacement or control characters",
                recommendation="save the document in another format or encoding",
            )
        yield from self._of_lines(text.text)

    def _of_lines(self, text: str) -> Iterator[Issue]:
        lines = Counter(line for line in map(str.strip, text.split("\n")) if len(line) >= 8)
        repeated, total = sum(count for count in lines.values() if count > 2), lines.total()
        if total and repeated / total >= self._repeated:
            yield Issue(
                code="repeated_lines",
                penalty=10,
                reason=f"{repeated} of {total} lines are there more than twice",
                recommendation="take running headers and footers out, or check for pages that are there twice",
            )

"""Stage 5: sections, tables and figures."""

from __future__ import annotations

from typing import Final

from integrations.rag_trainer.draft import Draft
from integrations.rag_trainer.recognition.captions import figures_of, placed, tables_of
from integrations.rag_trainer.recognition.outline import sections_of
from integrations.rag_trainer.results import Section, Structure, Text

MOST: Final = 20_000


class StructuralAnalysis:
    """Finds what the text is built of.

    Args:
        limit: sections, tables and figures of a document, each; what comes after them is counted, and left out.
    """

    name = "structural analysis"
    result = Structure

    def __init__(self, limit: int = MOST) -> None:
        self._limit = limit

    def run(self, draft: Draft) -> Structure:
        """Find sections, tables and figures. Never fails; a text without headings has no sections."""
        text = draft[Text]
        tables = tables_of(text)
        found = sections_of(text, [(table.start, table.end) for table in tables])
        sections = found[: self._limit]
        figures = figures_of(text, sections)
        share = _share(text.text, sections)
        deepest = max((section.level for section in sections), default=0)
        left_out = sum(max(0, len(kind) - self._limit) for kind in (found, tables, figures))
        return Structure(
            log=f"{len(sections)} sections in {deepest} levels, {len(tables[: self._limit])} tables, "
            f"{len(figures[: self._limit])} figures; {share:.0%} of the text is in a section"
            + (f"; {left_out} beyond the limit of {self._limit} left out" if left_out else ""),
            sections=tuple(sections),
            tables=tuple(placed(tables[: self._limit], sections)),
            figures=tuple(figures[: self._limit]),
            completeness=round(share, 4),
        )


def _share(text: str, sections: list[Section]) -> float:
    inside = sum(section.end - section.start for section in sections if section.parent is None)
    return min(1.0, inside / len(text)) if text else 0.0

"""Drafts for the tests of the RAG trainer's works, by hand: what earlier stages would have made of a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.results import DocumentType, Metadata, Result, Section, Structure, Table, Text
from integrations.rag_trainer.stages.candidates import CandidateExtraction
from integrations.rag_trainer.stages.markup import WorkMarkup

Rows = Sequence[Sequence[str]]


def draft_of(
    text: str,
    *,
    titles: Sequence[str] = (),
    tables: Sequence[Rows] = (),
    type: str = "work_project",
    confidence: float = 0.9,
    completeness: float = 1.0,
) -> Draft:
    """A text with its sections (at the places of their titles, all of one level) and tables (as they are rendered)."""
    draft = Draft(Source(Path("ppr.md"), "ppr.md"))
    results: list[Result] = [
        Text(log="", text=text, language="und"),
        DocumentType(log="", type=type, confidence=confidence),
        Structure(
            log="",
            sections=_sections(text, titles),
            tables=tuple(_table(text, rows) for rows in tables),
            figures=(),
            completeness=completeness,
        ),
        Metadata(log=""),
    ]
    for result in results:
        draft.put(result)
    return draft


def marked(text: str, **shape: object) -> Draft:
    """A draft after stages 6 and 7; the keywords are those of `draft_of`."""
    draft = draft_of(text, **shape)  # type: ignore[arg-type]
    draft.put(CandidateExtraction().run(draft))
    draft.put(WorkMarkup().run(draft))
    return draft


def _sections(text: str, titles: Sequence[str]) -> tuple[Section, ...]:
    places = [text.index(title) for title in titles]
    ends = [*places[1:], len(text)][: len(places)]
    return tuple(
        Section(title=title, level=1, start=place, body=place + len(title), end=end)
        for title, place, end in zip(titles, places, ends, strict=True)
    )


def _table(text: str, rows: Rows) -> Table:
    lines = [" | ".join(row) for row in rows]
    start = text.index("\n".join(lines))
    return Table(rows=tuple(tuple(row) for row in rows), start=start, end=start + len("\n".join(lines)))

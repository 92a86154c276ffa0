"""The stages of the trainer, run over the labelled texts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from benchmarks.recognition.corpus import LabelledLines, LabelledType, LabelledWorks
from benchmarks.recognition.scores import Judged, Score, compared
from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.results import Text
from integrations.rag_trainer.stages.candidates import CandidateExtraction
from integrations.rag_trainer.stages.metadata import MetadataExtraction
from integrations.rag_trainer.stages.structure import StructuralAnalysis
from integrations.rag_trainer.stages.type_detection import TypeDetection
from integrations.rag_trainer.works.entities import entities
from integrations.rag_trainer.works.naming import key_of

_ALIKE: Final = 0.6
"""Share of stems that two names of a work have in common if they are one work."""
_MOST: Final = 1_000


def judge_types(documents: Sequence[LabelledType]) -> list[Judged]:
    """Have the types told."""
    judged = []
    for one in documents:
        kind = TypeDetection().run(_draft(one.text, one.name))
        judged.append(Judged(one.label, kind.type, kind.confidence))
    return judged


def score_values(texts: Sequence[LabelledLines]) -> dict[str, Score]:
    """Score what is found, by its kind."""
    scores: dict[str, Score] = defaultdict(Score)
    for text in texts:
        found = Counter(_values(text.text))
        for kind in {line.split(" ")[0] for line in (*found, *text.golden)}:
            scores[kind] += compared(_of_kind(found, kind), _of_kind(text.golden, kind))
    return dict(sorted(scores.items()))


def score_outlines(texts: Sequence[LabelledLines]) -> Score:
    """Score headings; one is right if its level, number and title are."""
    score = Score()
    for text in texts:
        sections = StructuralAnalysis().run(_draft(text.text)).sections
        told = (f"{section.level} {section.number or '-'} {section.title}" for section in sections)
        score += compared(Counter(told), text.golden)
    return score


def score_works(texts: Sequence[LabelledWorks]) -> Score:
    """Score candidates; one is right if it shares 60 % of its stems with a labelled work that no other has taken."""
    score = Score()
    for text in texts:
        draft = _draft(text.text)
        draft.put(StructuralAnalysis().run(draft))
        names = [candidate.text for candidate in CandidateExtraction().run(draft).candidates]
        score += Score(_right(names, text.works), len(names), len(text.works))
    return score


def _right(names: Sequence[str], works: Sequence[str]) -> int:
    left = list(works)
    for name in names:
        best = max(left, key=lambda work: _likeness(work, name), default=None)
        if best is not None and _likeness(best, name) >= _ALIKE:
            left.remove(best)
    return len(works) - len(left)


def _likeness(one: str, other: str) -> float:
    return len(key_of(one) & key_of(other)) / max(1, len(key_of(one) | key_of(other)))


def _values(text: str) -> Iterator[str]:
    found = MetadataExtraction().run(_draft(text))
    yield from (f"date {one.value}" for one in found.dates)
    yield from (f"money {one.amount} {one.currency}" for one in found.money)
    yield from (f"quantity {one.value} {one.unit}" for one in found.quantities)
    yield from (f"material {one.name} {one.grade}" for one in found.materials)
    yield from (f"reference {one.designation}" for one in found.references)
    yield from (f"organisation {one.text}" for one in entities(text, _MOST) if one.kind == "organisation")


def _of_kind(lines: Counter[str], kind: str) -> Counter[str]:
    return Counter({line: count for line, count in lines.items() if line.split(" ")[0] == kind})


def _draft(text: str, name: str = "x.txt") -> Draft:
    draft = Draft(Source(Path(name), name))
    draft.put(Text(log="", text=text, language="und"))
    return draft

"""Texts that are made to hang a pattern: every stage that reads a text takes time in its length alone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from integrations.rag_trainer.draft import Draft, Source
from integrations.rag_trainer.results import DocumentType, Text
from integrations.rag_trainer.stages.candidates import CandidateExtraction
from integrations.rag_trainer.stages.markup import WorkMarkup
from integrations.rag_trainer.stages.metadata import MetadataExtraction
from integrations.rag_trainer.stages.processing import TypeProcessing
from integrations.rag_trainer.stages.quality import QualityControl
from integrations.rag_trainer.stages.sequences import WorkSequences
from integrations.rag_trainer.stages.structure import StructuralAnalysis

_CHARS = 50_000
_SECONDS = 8.0
"""Of the processor, for all stages together; most pieces take less than one."""
_STAGES = (
    StructuralAnalysis(),
    CandidateExtraction(),
    WorkMarkup(),
    MetadataExtraction(),
    QualityControl(),
    TypeProcessing(),
    WorkSequences(),
)


@pytest.mark.parametrize(
    ("piece", "kind"),
    [
        ("1.1.", "norms"),
        ("((((", "contract"),
        ("1 1 ", "norms"),
        ("\n1.1 А", "norms"),
        ("\n1) а", "work_project"),
        ("\nТаблица 1\n", "report"),
        ("a|b\n", "estimate"),
        ("\n| 1 | 2 ", "estimate"),
        ("монтаж ферм, ", "work_project"),
        ("После монтажа ферм выполняют монтаж ферм.\n", "work_project"),
        ("до начала монтажа:\n- монтаж\n", "work_project"),
        ("ООО «", "contract"),
        ("Ab ", "contract"),
        ("between 1 and ", "report"),
        ("1 до ", "report"),
        ("ГОСТ 1-", "norms"),
        ("на 3 л", "letter"),
        ("\nА.1 ", "norms"),
        ("должен ", "norms"),
    ],
    ids=lambda value: repr(value)[1:-1].replace("\\n", "/"),
)
def test_the_time_is_bounded(piece: str, kind: str) -> None:
    """50,000 characters of it."""
    draft = Draft(Source(Path("x.txt"), "x.txt"))
    draft.put(Text(log="", text=piece * (_CHARS // len(piece)), language="und"))
    draft.put(DocumentType(log="", type=kind, confidence=0.9))
    began = time.process_time()
    for stage in _STAGES:
        draft.put(stage.run(draft))
    assert time.process_time() - began < _SECONDS

"""Precision and recall of candidates on the labelled set beside this file: 44 short texts in Russian and English.

The rules were tuned on the first half; the second was not looked at while tuning. A candidate counts as right if it
shares 60 % of its stems with a labelled work. The set is small and was written by the authors of the rules, so it says
how the rules do on plain sentences, not on any document.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integrations.rag_trainer.stages.candidates import CandidateExtraction
from integrations.rag_trainer.works.naming import key_of
from tests.rag_works import draft_of

LABELLED = json.loads(Path(__file__).with_name("labelled.json").read_text(encoding="utf-8"))


def measured(half: str) -> tuple[float, float]:
    """Return precision and recall."""
    right = found = there = 0
    for text in (each for each in LABELLED if each["half"] == half):
        draft = draft_of(text["text"], titles=text["titles"], tables=text["tables"])
        names = [candidate.text for candidate in CandidateExtraction().run(draft).candidates]
        left = list(text["works"])
        found, there = found + len(names), there + len(left)
        for name in names:
            best = max(left, key=lambda work: likeness(work, name), default=None)
            if best is not None and likeness(best, name) >= 0.6:
                left.remove(best)
                right += 1
    return right / found, right / there


def likeness(one: str, other: str) -> float:
    """Shared stems, as a share of all."""
    return len(key_of(one) & key_of(other)) / max(1, len(key_of(one) | key_of(other)))


def test_there_are_enough_texts() -> None:
    """Both languages and both halves, and texts without any work."""
    assert len(LABELLED) == 44
    assert {(text["half"], text["language"]) for text in LABELLED} == {
        (half, language) for half in ("tuning", "held_out") for language in ("ru", "en")
    }
    assert sum(1 for text in LABELLED if not text["works"]) >= 8


@pytest.mark.parametrize(
    ("half", "precision", "recall"),
    [("tuning", 0.97, 0.97), ("held_out", 0.93, 0.85)],  # measured: 1.00 and 1.00; 0.977 and 0.913
)
def test_precision_and_recall(half: str, precision: float, recall: float) -> None:
    """A little below what was measured, so that a rule that gets worse shows."""
    got = measured(half)
    assert got[0] >= precision, got
    assert got[1] >= recall, got

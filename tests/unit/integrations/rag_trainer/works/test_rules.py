"""The rules and their confidences."""

from __future__ import annotations

from integrations.rag_trainer.works.rules import COLUMN, ITEM, RULES, SENTENCE, SENTENCE_BARE


def test_rules_have_names_of_their_own_and_are_ordered() -> None:
    """Structure is surer than a sentence, and an object surer than none."""
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(0 < rule.confidence < 1 and rule.about for rule in RULES)
    assert COLUMN.confidence > ITEM.confidence > SENTENCE.confidence > SENTENCE_BARE.confidence

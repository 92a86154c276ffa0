"""The clues for each type."""

from __future__ import annotations

from integrations.rag_trainer.recognition.clues import CLUES
from integrations.rag_trainer.recognition.folding import fold


def test_each_type_has_clues_in_its_title_and_text() -> None:
    """So none rests on one word."""
    kinds = {(clue.type, clue.where == "title") for clue in CLUES}
    types = {clue.type for clue in CLUES}
    assert len(types) == 9
    assert kinds == {(type, title) for type in types for title in (True, False)}


def test_the_words_are_written_as_texts_are_read() -> None:
    """A capital letter or ё in a clue would never match."""
    assert [
        clue.pattern.pattern for clue in CLUES if fold(clue.pattern.pattern.lower()) != fold(clue.pattern.pattern)
    ] == []
    assert [clue.pattern.pattern for clue in CLUES if "ё" in clue.pattern.pattern] == []


def test_no_clue_repeats_without_a_bound() -> None:
    """The time stays linear in the text."""
    assert [clue.pattern.pattern for clue in CLUES if "*" in clue.pattern.pattern or "+" in clue.pattern.pattern] == []

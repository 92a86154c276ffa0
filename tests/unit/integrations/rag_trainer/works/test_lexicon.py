"""The word lists."""

from __future__ import annotations

from integrations.rag_trainer.works import lexicon


def test_a_word_is_either_sure_or_needs_an_object() -> None:
    """No noun is in both lists; each is known by its stem."""
    assert not lexicon.STRONG & lexicon.WEAK
    assert not lexicon.ENGLISH_STRONG & lexicon.ENGLISH_WEAK
    assert {"монтаж", "устройств", "excav", "instal"} <= lexicon.HEADS


def test_first_forms_are_known_by_stems() -> None:
    """What stands in another case can be given its first form."""
    assert lexicon.LEMMAS["бетонирован"] == "бетонирование"
    assert "install" in lexicon.IMPERATIVES
    assert "" not in lexicon.IMPERATIVES

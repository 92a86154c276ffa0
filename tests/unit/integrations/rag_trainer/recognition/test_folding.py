"""Variants of spelling made one, without moving anything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from integrations.rag_trainer.recognition.folding import fold, simple


def test_spaces_dashes_and_mixed_words_become_plain() -> None:
    """Latin letters inside a Cyrillic word become Cyrillic; a Latin word and a grade stay."""
    assert fold("ГOCT\u00a027751—2014") == "ГОСТ 27751-2014"
    assert fold("CП и CНиП, MПа, объём") == "СП и СНиП, МПа, объем"
    assert fold("COAT B25 web") == "COAT B25 web"
    assert simple(" Свод\u00a0 ПРАВИЛ ") == "свод правил"


@given(st.text(alphabet=st.sampled_from("aбАBхx \u00a0—İё1.\n") | st.characters(), max_size=60))
def test_the_length_never_changes(text: str) -> None:
    """Also in lower case; folding twice changes nothing."""
    folded = fold(text)
    assert len(folded) == len(text) == len(folded.lower())
    assert fold(folded) == folded

"""Text made uniform."""

from __future__ import annotations

import time
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from integrations.rag_trainer.reading.cleaning import clean, one_line


def test_line_ends_spaces_and_unseen_characters_become_plain() -> None:
    """Whatever program wrote it, the same text comes out."""
    assert clean("a\r\nb\rc\u2028d\fe") == "a\nb\nc\nd\ne"
    assert clean("СП\u00a048.13330\tп.\u202f5") == "СП 48.13330 п. 5"
    assert clean("ar\u00adma\u200bture\ufeff \n\n\n\n x \n") == "armature\n\n x"
    assert clean("щебё\u0306ночная й".replace("ё\u0306", "е\u0308")) == "щебёночная й"


def test_a_word_that_is_parted_by_a_soft_hyphen_is_joined() -> None:
    """At the end of a line too."""
    assert clean("фунда\u00ad\r\nмент") == "фундамент"


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    """PDFs have them, and no JSON can hold one."""
    assert clean("a\ud800b") == "a\ufffdb"


@given(st.text(st.characters(codec=None)))
def test_any_text_comes_out_clean_and_stays_as_it_is(text: str) -> None:
    """Cleaning what is clean changes nothing, and it always can be written as UTF-8."""
    cleaned = clean(text)
    assert clean(cleaned) == cleaned == unicodedata.normalize("NFC", cleaned)
    assert cleaned.encode("utf-8").decode() == cleaned
    assert "\r" not in cleaned
    assert "\n\n\n" not in cleaned


def test_the_time_is_linear_in_hostile_text() -> None:
    """Runs of spaces and soft hyphens are what a careless pattern takes square time for."""
    text = (" " * 200_000 + "x") * 3 + "\u00ad " * 200_000
    start = time.process_time()
    clean(text)
    assert time.process_time() - start < 2


def test_one_line_has_single_spaces() -> None:
    """For headings and cells."""
    assert one_line("  1\n Общие \u00a0 указания ") == "1 Общие указания"

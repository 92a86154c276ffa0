from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.memory.cutting import cut


def test_a_text_that_fits_is_one_part() -> None:
    """As it is; of nothing there is none."""
    assert cut("a\n\nb", 100, 5) == ["a\n\nb"]
    assert cut(" \n ", 100, 5) == []


def test_a_text_is_cut_where_it_pauses() -> None:
    """At paragraphs before lines, at sentences before words."""
    assert cut("One two.\n\nThree four.\n\nFive six.", 22, 9) == ["One two.\n\nThree four.", "Five six."]
    assert cut("One two. Three four. Five six.", 20, 9) == ["One two. Three four.", "Five six."]
    assert cut("one two three four", 9, 9) == ["one two", "three", "four"]
    assert cut("一二三。四五六。", 12, 9) == ["一二三。", "四五六。"]


def test_what_is_beyond_the_last_part_is_left_out() -> None:
    """A text of any length costs a bounded number of memories."""
    assert cut("a b c d e f", 1, 3) == ["a", "b", "c"]


@given(st.text(max_size=300), st.integers(4, 40))
def test_no_part_is_too_long_and_nothing_but_blanks_gets_lost(text: str, most: int) -> None:
    """In any script: no character is cut in two."""
    parts = cut(text, most, 1_000)
    assert all(0 < len(part.encode()) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())

"""What goes out of a query's text."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.messages import parse_message
from integrations.vector_search.query_text import QueryText, one_line
from tests.message_examples.search import EXAMPLES

SECRET = "my diagnosis is nobody's business, least of all that of this whole company"


def test_a_long_text_is_cut() -> None:
    """To the length, the sign that says so included."""
    shown = QueryText(length=50).shown(SECRET)
    assert shown == SECRET[:49] + "…"
    assert len(shown) == 50


def test_a_short_text_stays() -> None:
    """Who minds has it hashed or left out."""
    assert QueryText(length=50).shown("pump filter") == "pump filter"


def test_a_hash_tells_equal_texts_and_nothing_else() -> None:
    """It is the same for the same key, another one for another key or text, and holds nothing of the text."""
    hashed = QueryText("hash", key=b"k")
    assert hashed.shown("a text") == hashed.shown("a text") == QueryText("hash", key=b"k").shown("a text")
    others = {
        QueryText("hash", key=b"other").shown("a text"),
        hashed.shown("a text."),
        QueryText("hash").shown("a text"),
    }
    assert len(others | {hashed.shown("a text")}) == 4
    assert len(hashed.shown(SECRET) or "") == 32


def test_a_long_key_counts_to_its_end() -> None:
    """BLAKE2b takes 64 bytes: a longer key is hashed first, not cut."""
    assert QueryText("hash", key=b"x" * 65).shown("a") != QueryText("hash", key=b"x" * 66).shown("a")


def test_left_out() -> None:
    """Nothing goes out, however short; an empty text never does."""
    assert QueryText("omit").shown("x") is None
    assert [QueryText(mode).shown(text) for mode in ("truncate", "hash") for text in (None, "")] == [None] * 4


def test_a_key_is_not_shown() -> None:
    """Nor is it in what a debugger prints."""
    assert "swordfish" not in repr(QueryText("hash", key=b"swordfish"))


@pytest.mark.parametrize("wrong", [{"mode": "encrypt"}, {"length": 0}, {"length": 1_001}], ids=str)
def test_wrong_options_are_refused(wrong: dict[str, Any]) -> None:
    """When they are given, not when somebody searches."""
    with pytest.raises(ValueError, match="expected"):
        QueryText(**wrong)


@given(text=st.text(min_size=1, max_size=80, alphabet=st.characters()), length=st.integers(1, 60))
def test_whatever_people_type_goes_out_as_one_line(text: str, length: int) -> None:
    """Control characters, marks that turn the direction, halves of characters: it is JSON, and matches the schema."""
    for query in (QueryText(length=length), QueryText("hash")):
        shown = query.shown(text)
        parse_message("search_failed", orjson.loads(orjson.dumps({**EXAMPLES["search_failed"], "query": shown})))
    assert len(QueryText(length=length).shown(text) or "") <= length


def test_lines_are_cut_before_they_are_cleaned() -> None:
    """A query of a megabyte costs no more than its beginning."""
    assert one_line("a\nb\u202ec", 50) == "a b c"
    assert len(one_line("\n" * 1_000_000, 50)) == 50

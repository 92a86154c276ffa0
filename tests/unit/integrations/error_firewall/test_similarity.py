"""Calls that look like one that failed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.error_firewall.call import make_call
from integrations.error_firewall.similarity import DIMENSIONS, Similarity, Vector, guard, lexical, text_of
from tests.firewall_kit import BAD

LONG = "swift build --configuration release --arch arm64 -Xswiftc -suppress-warnings --scratch-path /tmp/a1/x" * 1
LIKE = "swift build --configuration release --arch arm64 -Xswiftc -suppress-warnings --scratch-path /var/b2/y"


def scores(one: dict[str, Any], other: dict[str, Any], operation: str = "ios_build") -> list[float]:
    similarity = Similarity(threshold=0.0)
    similarity.put("r", make_call("ios_build", one))
    return [score for _, score in similarity.search(make_call(operation, other))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (BAD, {"device": "iphone-15", "os": "17.0"}),
        (BAD, {"device": "IPHONE 15", "os": "17.0"}),
        ({"command": LONG}, {"command": LIKE}),
        ({"prompt": "delete all rows of the table orders in the production database"},
         {"prompt": "Delete all rows of table orders in the production database!"}),
    ],
)  # fmt: skip
def test_what_is_written_otherwise_is_alike(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Case, punctuation, paths and numbers in prose."""
    assert scores(one, other)[0] >= Similarity().threshold


@pytest.mark.parametrize(
    "other",
    [
        {"device": "iPhone 15", "os": "17.2"},
        {"device": "iPhone 15 Pro", "os": "17.2"},
        {"device": "iPhone 14", "os": "17.0"},
    ],
)
def test_another_number_in_a_name_is_another_thing(other: dict[str, Any]) -> None:
    """However alike the rest is: these aren't even compared."""
    assert scores(BAD, other) == []


def test_another_operation_is_never_alike() -> None:
    """Operations are compared by name, without regard to case."""
    assert scores(BAD, BAD, "android_build") == []
    assert scores(BAD, BAD, "iOS_Build") == [1.0]


def test_other_words_are_less_alike() -> None:
    """Below the threshold, so that nothing is said."""
    assert scores({"device": "iPhone"}, {"device": "Galaxy"})[0] < 0.3
    assert scores({"device": "iPhone 15", "os": "17.0"}, {"device": "iPhone 15 Pro", "os": "17.0"})[0] < 0.9


def test_flags_must_be_the_same() -> None:
    """`force: true` isn't like `force: false`."""
    assert scores({"name": "alpha", "force": True}, {"name": "alpha", "force": False}) == []


def test_a_call_without_words_is_like_nothing() -> None:
    """There is nothing to compare."""
    assert scores({}, {}) == []
    assert scores({"n": 5}, {"n": 5}) == []


def test_the_best_come_first_and_only_so_many() -> None:
    """Best first; below the threshold none."""
    similarity = Similarity(threshold=0.2)
    for name, words in (
        ("far", "alpha beta gamma"),
        ("near", "alpha beta delta"),
        ("same", "alpha beta delta epsilon"),
    ):
        similarity.put(name, make_call("x", {"text": words}))
    found = similarity.search(make_call("x", {"text": "alpha beta delta epsilon"}))
    assert [name for name, _ in found] == ["same", "near", "far"]
    assert found[0][1] == 1.0
    assert len(similarity.search(make_call("x", {"text": "alpha beta delta"}), most=1)) == 1


def test_memory_is_bounded() -> None:
    """The oldest leave; dropping what isn't there is nothing."""
    similarity = Similarity(most=3)
    for number in range(10):
        similarity.put(f"r{number}", make_call("x", {"text": "same words", "n": number}))
    assert len(similarity) == 3
    assert similarity.search(make_call("x", {"text": "same words", "n": 0})) == []
    assert similarity.search(make_call("x", {"text": "same words", "n": 9})) == [("r9", 1.0)]
    similarity.drop("r9")
    similarity.drop("r0")
    assert len(similarity) == 2
    off = Similarity(most=0)
    off.put("r", make_call("x", BAD))
    assert len(off) == 0


def test_a_search_compares_only_so_many() -> None:
    """The newest: a check stays fast whatever the operation."""
    similarity = Similarity(candidates=5)
    for number in range(10):
        similarity.put(f"r{'i' * number}", make_call("x", {"text": "same words"}))
    assert {name for name, _ in similarity.search(make_call("x", {"text": "same words"}), most=20)} == {
        f"r{'i' * number}" for number in range(5, 10)
    }


def test_an_embedder_takes_the_place_of_words() -> None:
    """It gets the parameters as text."""
    texts: list[str] = []

    def embed(text: str) -> Vector:
        texts.append(text)
        return np.array([1.0, 0.0], dtype=np.float32)

    similarity = Similarity(embed=embed)
    similarity.put("r", make_call("x", {"a": "one"}))
    assert similarity.search(make_call("x", {"a": "two"})) == [("r", 1.0)]
    assert texts == ["a: one", "a: two"] == [text_of(make_call("x", {"a": word})) for word in ("one", "two")]


@given(
    st.dictionaries(st.text(max_size=10), st.text(max_size=100) | st.integers(-5, 5) | st.lists(st.text(max_size=5)))
)
def test_a_vector_has_unit_length_or_none(params: dict[str, Any]) -> None:
    """And a call is never more than like itself."""
    call = make_call("x", params)
    vector = lexical(call)
    assert vector.shape == (DIMENSIONS,)
    assert np.isclose(vector @ vector, 1.0, atol=1e-5) or not vector.any()
    assert guard(call) == guard(make_call("x", params))

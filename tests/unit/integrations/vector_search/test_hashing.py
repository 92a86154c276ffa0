"""Embeddings without a model."""

from __future__ import annotations

import subprocess
import sys

import pytest

from integrations.vector_search.hashing import HashingEmbedder
from tests.vector_searches import cosine


def test_vectors_have_length_one() -> None:
    """So that all distances rank them alike."""
    vector = HashingEmbedder(256)("How is the filter of the pump changed?")
    assert len(vector) == 256
    assert cosine(vector, vector) == pytest.approx(1.0)
    assert sum(value * value for value in vector) == pytest.approx(1.0)


def test_texts_that_share_words_are_near() -> None:
    """The more words, and the more neighbours among them, the nearer."""
    embed = HashingEmbedder(1_024)
    query = embed("change the pump filter")
    likeness = [
        cosine(query, embed(text))
        for text in (
            "Change the pump filter!",
            "the filter of the pump",
            "the colour of the wall",
            "entirely different",
        )
    ]
    assert likeness[0] == pytest.approx(1.0)
    assert likeness == sorted(likeness, reverse=True)
    assert likeness[1] > likeness[2] + 0.1


def test_the_order_of_words_counts() -> None:
    """By pairs: the same words in another order are near, and not the same."""
    embed = HashingEmbedder(1_024)
    assert 0.5 < cosine(embed("dog bites man"), embed("man bites dog")) < 0.99


def test_signs_keep_collisions_from_adding_up() -> None:
    """Of many texts without a word in common, likeness is 0 on average, even in few dimensions."""
    embed = HashingEmbedder(32)
    vectors = [embed(f"alpha{n} beta{n} gamma{n} delta{n}") for n in range(60)]
    pairs = [cosine(one, other) for i, one in enumerate(vectors) for other in vectors[:i]]
    assert abs(sum(pairs) / len(pairs)) < 0.03


@pytest.mark.parametrize(
    ("one", "other"), [("連接池監控", "監控連接池"), ("ПРИВЕТ мир", "привет МИР"), ("ﬁlter", "filter")]
)
def test_scripts_without_spaces_have_words_too(one: str, other: str) -> None:
    """Signs count as words; cases and ligatures don't count."""
    embed = HashingEmbedder(1_024)
    assert cosine(embed(one), embed(other)) > 0.6


def test_it_is_the_same_in_every_process() -> None:
    """Python's own hash isn't."""
    code = "from integrations.vector_search.hashing import HashingEmbedder as H; print(H(16)('same everywhere'))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert run.stdout.strip() == str(HashingEmbedder(16)("same everywhere"))


def test_a_text_without_words_is_near_nothing() -> None:
    """A made-up vector would be near something."""
    for text in ("", " \n", "?!…"):
        with pytest.raises(ValueError, match="at least one letter"):
            HashingEmbedder()(text)


def test_features_that_cancel_out_still_give_a_vector() -> None:
    """In so few dimensions many do; one of an odd number is always left."""
    embed = HashingEmbedder(8)
    vectors = [embed(f"a{n} b{n}") for n in range(500)]
    assert {round(sum(value * value for value in vector), 6) for vector in vectors} == {1.0}
    assert any(sum(map(bool, vector)) == 1 for vector in vectors)


@pytest.mark.parametrize("dimensions", [0, 7, 65_537])
def test_dimensions_are_bounded(dimensions: int) -> None:
    """Neither too few to tell anything apart nor more than anyone stores."""
    with pytest.raises(ValueError, match="dimensions"):
        HashingEmbedder(dimensions)

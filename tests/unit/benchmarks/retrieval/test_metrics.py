"""Metrics, by values worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

import pytest

from benchmarks.retrieval.corpus import Label
from benchmarks.retrieval.metrics import Interval, covers, interval, ndcg, recall


@dataclass(frozen=True)
class Passage:
    document: str
    start: int
    end: int


ANSWER = Label("a", 0, 10, 2)
RELATED = Label("a", 10, 20, 1)
OTHER = Label("b", 0, 10, 2)
FIRST, SECOND, THIRD, NOTHING = Passage("a", 0, 10), Passage("a", 10, 20), Passage("b", 0, 10), Passage("c", 0, 10)


def test_covers() -> None:
    """Half of the clause, or half of the passage; a touch is none, nor is another document."""
    assert covers(FIRST, ANSWER)
    assert covers(Passage("a", 5, 100), ANSWER)
    assert not covers(Passage("a", 6, 100), ANSWER)
    assert covers(Passage("a", 8, 12), ANSWER)
    assert not covers(SECOND, ANSWER)
    assert not covers(THIRD, ANSWER)
    assert not covers(Passage("a", 3, 3), ANSWER)


def test_recall() -> None:
    """Of two answers one is among the first two; what is only related doesn't count."""
    labels = [ANSWER, RELATED, OTHER]
    assert recall([NOTHING, FIRST, THIRD], labels, 2) == 0.5
    assert recall([NOTHING, FIRST, THIRD], labels, 3) == 1.0
    assert recall([SECOND], labels, 5) == 0.0


def test_ndcg() -> None:
    """Gains 3 and 1: ideally 3/1 + 1/log2(3); found at ranks 2 and 3."""
    labels = [ANSWER, RELATED]
    ideal = 3 + 1 / log2(3)
    assert ndcg([FIRST, SECOND], labels, 10) == 1.0
    assert ndcg([NOTHING, FIRST, SECOND], labels, 10) == pytest.approx((3 / log2(3) + 1 / 2) / ideal)
    assert ndcg([SECOND, FIRST], labels, 10) == pytest.approx((1 + 3 / log2(3)) / ideal)
    assert ndcg([NOTHING, FIRST], labels, 1) == ndcg([], labels, 10) == 0.0


def test_an_overlap_counts_once_and_a_long_passage_takes_two_ranks() -> None:
    """So neither cutting finely nor coarsely makes a ranking look better than ideal."""
    labels = [ANSWER, RELATED]
    assert ndcg([FIRST, FIRST, SECOND], labels, 10) == pytest.approx((3 + 1 / 2) / (3 + 1 / log2(3)))
    assert ndcg([Passage("a", 0, 20)], labels, 10) == 1.0


def test_interval() -> None:
    """The mean of draws; equal values leave no doubt, and the same values give the same interval."""
    assert interval([0.5] * 10) == Interval(0.5, 0.5, 0.5)
    found = interval([0.0, 1.0] * 50)
    assert found == interval([0.0, 1.0] * 50)
    assert found.mean == 0.5
    # Of 100 draws of a coin the mean's deviation is 0.05, so about 0.1 to each side.
    assert 0.38 < found.low < 0.43
    assert 0.57 < found.high < 0.62

"""Recall, and how sure it is."""

from __future__ import annotations

import random

import pytest

from integrations.vector_search.model import Hit
from integrations.vector_search.recall import Kind, RecallWindows, kind_of, overlap, same_hits, wilson
from integrations.vector_search.store import Pair

KIND = Kind("docs", 100, 10, False)


def hits(**scores: float) -> tuple[Hit, ...]:
    return tuple(Hit(name, score, {}, "docs") for name, score in scores.items())


def test_overlap_is_the_share_of_true_hits_that_were_found() -> None:
    """Found but not true counts nothing."""
    exact = hits(a=0.9, b=0.8, c=0.7, d=0.6)
    assert overlap(Pair(exact, exact)) == 1.0
    assert overlap(Pair(hits(a=0.9, c=0.7, x=0.5, y=0.4), exact)) == 0.5
    assert overlap(Pair((), exact)) == 0.0


def test_equally_near_points_are_equally_true() -> None:
    """Of five copies of one document the exact search can give but three, and gives any three."""
    assert overlap(Pair(hits(a=0.9, d=0.5, e=0.5), hits(a=0.9, b=0.5, c=0.5))) == 1.0
    assert overlap(Pair(hits(d=0.4, e=0.4, f=0.4), hits(a=0.9, b=0.5, c=0.5))) == 0.0


def test_a_search_that_ends_early_has_missed_the_rest() -> None:
    """An index that gives 2 of 10 has a recall of 0.2 at most."""
    exact = hits(**{f"p{n}": 1.0 - n / 10 for n in range(10)})
    assert overlap(Pair(exact[:2], exact)) == 0.2


def test_where_there_is_nothing_to_find_nothing_is_measured() -> None:
    """An empty collection, or a filter that nothing passes, says nothing about the index."""
    assert overlap(Pair((), ())) is None


def test_the_same_hits_in_another_order_are_the_same() -> None:
    """Ties may swap."""
    assert same_hits(hits(a=0.5, b=0.5), hits(b=0.5, a=0.5))
    assert not same_hits(hits(a=0.5, b=0.5), hits(a=0.5, c=0.5))


def test_there_is_no_estimate_until_there_are_enough_samples() -> None:
    """Not even a bad one."""
    windows = RecallWindows(min_samples=3, window=10, kinds=5)
    for share in (1.0, 0.5):
        windows.add(KIND, share)
        assert windows.estimate(KIND) is None
    windows.add(KIND, 0.6)
    estimate = windows.estimate(KIND)
    assert estimate is not None
    assert estimate.recall == pytest.approx(0.7)
    assert estimate.samples == 3
    assert estimate.low < 0.7 < estimate.high


def test_the_newest_samples_count() -> None:
    """An index that got worse is seen to, once the window has moved on."""
    windows = RecallWindows(min_samples=1, window=4, kinds=5)
    for share in (1.0, 1.0, 1.0, 1.0, 0.2, 0.2, 0.2, 0.2):
        windows.add(KIND, share)
    estimate = windows.estimate(KIND)
    assert estimate is not None
    assert estimate.recall == pytest.approx(0.2)
    assert estimate.samples == 4


def test_kinds_are_kept_apart_and_bounded() -> None:
    """The one that was measured longest ago makes place, samples and estimate."""
    windows = RecallWindows(min_samples=1, window=4, kinds=2)
    kinds = [KIND._replace(ef_search=ef) for ef in (10, 20, 30)]
    windows.add(kinds[0], 0.1)
    windows.add(kinds[1], 0.2)
    windows.add(kinds[0], 0.1)
    windows.add(kinds[2], 0.3)
    assert {kind: round(estimate.recall, 6) for kind, estimate in windows.estimates()} == {kinds[0]: 0.1, kinds[2]: 0.3}


def test_sizes_are_grouped() -> None:
    """Searches for 6 and for 10 are of one kind, those for 11 of another; filters are apart."""
    assert kind_of("docs", 100, 6, False) == kind_of("docs", 100, 10, False) == KIND
    assert kind_of("docs", 100, 11, False).top_k == 20
    assert kind_of("docs", 100, 5_000, False).top_k == 1_000
    assert kind_of("docs", 100, 10, True) != KIND


@pytest.mark.parametrize(
    ("mean", "samples", "low", "high"), [(0.5, 100, 0.4038, 0.5962), (1.0, 10, 0.7225, 1.0), (0.0, 10, 0.0, 0.2775)]
)
def test_the_interval_is_wilsons(mean: float, samples: int, low: float, high: float) -> None:
    """Values out of tables; even ten hits out of ten leave room for doubt."""
    assert list(wilson(mean, samples)) == pytest.approx([low, high], abs=1e-4)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """In 95 of 100 windows at least, for recalls whose samples are shares and not only 0 and 1."""
    rng = random.Random(11)
    held = 0
    for _ in range(1_000):
        samples = [sum(rng.random() < 0.9 for _ in range(10)) / 10 for _ in range(40)]
        low, high = wilson(sum(samples) / 40, 40)
        held += low <= 0.9 <= high
    assert held >= 950

"""What is counted of searches."""

from __future__ import annotations

import pytest

from integrations.vector_search.numbers import BOUNDS, OTHERS, SEVERAL, Tallies, Tally


def test_quantiles_are_those_of_the_times() -> None:
    """By nearest rank: of 1 to 100 ms the median is 50, the 95th 95 and the 99th 99."""
    tally = Tally(1_000)
    for milliseconds in reversed(range(1, 101)):
        tally.add(milliseconds / 1000)
    assert tally.read().quantiles == {0.5: 0.05, 0.95: 0.095, 0.99: 0.099}


def test_quantiles_are_of_the_newest_and_the_histogram_of_all() -> None:
    """A slow morning is gone from the quantiles, and stays in what Prometheus adds up."""
    tally = Tally(10)
    for seconds in [2.0] * 50 + [0.002] * 10:
        tally.add(seconds)
    read = tally.read()
    assert read.quantiles == {0.5: 0.002, 0.95: 0.002, 0.99: 0.002}
    assert read.searches == read.buckets[-1] == 60
    assert read.buckets[BOUNDS.index(0.0025)] == 10
    assert read.buckets[BOUNDS.index(2.5)] == 60
    assert read.seconds == pytest.approx(100.02)


def test_a_time_on_a_bound_is_below_it() -> None:
    """As Prometheus has it: le is "up to"; what is longer than all bounds is in the last bucket."""
    tally = Tally(10)
    tally.add(0.5)
    tally.add(60.0)
    read = tally.read()
    assert read.buckets[BOUNDS.index(0.25)] == 0
    assert read.buckets[BOUNDS.index(0.5)] == 1
    assert read.buckets[-2:] == [1, 2]


def test_nothing_searched_has_no_quantiles() -> None:
    """Rather none than 0 ms."""
    assert Tally(10).read().quantiles == {}


def test_collections_are_bounded() -> None:
    """Names may be people's: beyond the limit all share their numbers."""
    tallies = Tallies(2, 10)
    for name in ("a", "b", "c", "d", "a"):
        tallies.of((name,)).add(0.001)
    assert {name: read.searches for name, read in tallies.read().items()} == {"a": 2, "b": 1, OTHERS: 2}
    assert tallies.alone() == ["a", "b"]


def test_searches_of_several_collections_are_counted_once() -> None:
    """Their time is none of a single collection's."""
    tallies = Tallies(5, 10)
    tallies.of(("a", "b")).add(0.001)
    assert list(tallies.read()) == [SEVERAL]
    assert tallies.alone() == []


def test_vectors_are_noted_for_collections_that_are_known() -> None:
    """And can be unknown again."""
    tallies = Tallies(5, 10)
    tallies.of(("a",))
    tallies.count("a", 7)
    tallies.count("b", 8)
    assert {name: read.vectors for name, read in tallies.read().items()} == {"a": 7}
    tallies.count("a", None)
    assert tallies.read()["a"].vectors is None


def test_a_new_collection_is_noticed() -> None:
    """Once: who counts vectors waits for it."""
    tallies = Tallies(5, 10)
    tallies.of(("a",))
    assert tallies.grown.is_set()
    tallies.grown.clear()
    tallies.of(("a",))
    assert not tallies.grown.is_set()

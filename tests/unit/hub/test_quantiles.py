"""Quantiles of a histogram between two looks."""

from __future__ import annotations

from math import inf

import pytest
from prometheus_client import CollectorRegistry, Histogram

from hub.quantiles import Window, Windows


def histogram() -> Histogram:
    """Make one with the buckets up to 1, 2 and 4."""
    return Histogram("seconds", "Of a test.", buckets=(1.0, 2.0, 4.0), registry=CollectorRegistry())


def test_nothing_observed_has_no_quantile() -> None:
    """No number is made up."""
    windows = Windows(histogram())
    assert windows.next() == Window((1.0, 2.0, 4.0, inf), (0.0, 0.0, 0.0, 0.0))
    assert [windows.next().quantile(share) for share in (0.0, 0.5, 1.0)] == [None, None, None]


def test_a_window_has_what_is_new() -> None:
    """What was there before the first look, and what an earlier window had, is in none of the later ones."""
    observed = histogram()
    observed.observe(0.5)
    windows = Windows(observed)
    for seconds in (1.5, 3.0, 3.5):
        observed.observe(seconds)
    assert windows.next().counts == (0.0, 1.0, 2.0, 0.0)
    observed.observe(9.0)
    assert windows.next().counts == (0.0, 0.0, 0.0, 1.0)
    assert windows.next().quantile(0.5) is None


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [
        ((4, 0, 0, 0), 0.5, 0.5),
        ((0, 4, 0, 0), 0.5, 1.5),
        ((0, 0, 4, 0), 1.0, 4.0),
        ((2, 0, 2, 0), 0.5, 1.0),
        ((2, 0, 2, 0), 0.75, 3.0),
        ((0, 0, 4, 0), 0.0, 2.0),
        ((0, 0, 0, 3), 0.5, 4.0),
        ((99, 0, 0, 1), 0.99, 1.0),
        ((98, 0, 0, 2), 0.99, 4.0),
    ],
)
def test_quantiles_are_interpolated(counts: tuple[float, ...], share: float, expected: float) -> None:
    """Evenly within the bucket; of what is beyond the last bound is only said that it is beyond."""
    assert Window((1.0, 2.0, 4.0, inf), counts).quantile(share) == pytest.approx(expected)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.95, 0.99])
def test_the_error_is_less_than_a_buckets_width(share: float) -> None:
    """The true quantile and the one that is told lie in the same bucket."""
    values = [4.0 * (number / 1_000) ** 3 for number in range(1, 1_001)]
    observed = histogram()
    windows = Windows(observed)
    for value in values:
        observed.observe(value)
    told, true = windows.next().quantile(share), values[round(share * 1_000) - 1]
    lower, upper = next((a, b) for a, b in ((0.0, 1.0), (1.0, 2.0), (2.0, 4.0)) if a < true <= b)
    assert told is not None
    assert lower <= told <= upper

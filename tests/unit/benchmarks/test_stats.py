"""The statistics of the tables, and how numbers are written."""

from __future__ import annotations

import pytest

from benchmarks.stats import middle, milliseconds, paired_ratio, percent, short, spread, times


def test_middle_is_the_median_and_none_of_nothing() -> None:
    assert middle([3.0, 1.0, 2.0]) == 2.0
    assert middle([]) is None


def test_spread_is_half_the_range_as_a_share_of_the_median() -> None:
    assert spread([90.0, 100.0, 120.0]) == pytest.approx(0.15)


@pytest.mark.parametrize("values", [[], [5.0], [0.0, 0.0]])
def test_spread_of_less_than_two_values_or_of_zeros_is_unknown(values: list[float]) -> None:
    assert spread(values) is None


def test_paired_ratio_compares_within_a_round() -> None:
    """The second round ran on a machine half as fast; the ratio stays."""
    assert paired_ratio({1: 200.0, 2: 100.0}, {1: 100.0, 2: 50.0}) == 2.0


def test_paired_ratio_leaves_out_rounds_that_only_one_has() -> None:
    assert paired_ratio({1: 200.0, 2: 900.0}, {1: 100.0, 3: 1.0}) == 2.0
    assert paired_ratio({1: 200.0}, {}) is None
    assert paired_ratio({1: 200.0}, {1: 0.0}) is None


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "-"),
        (0.5, "0.50"),
        (7.25, "7.25"),
        (71_234.0, "71.2 k"),
        (999_700.0, "1.00 M"),
        (1_312_000.0, "1.31 M"),
        (2.5e9, "2.50 G"),
    ],
)
def test_short_keeps_three_digits(value: float | None, written: str) -> None:
    assert short(value) == written


@pytest.mark.parametrize(
    ("ratio", "written"), [(None, "-"), (0.589, "0.59"), (1.0, "1.00"), (9.996, "10.0"), (123.4, "123")]
)
def test_times_writes_small_and_large_ratios(ratio: float | None, written: str) -> None:
    assert times(ratio) == written


def test_percent_and_milliseconds_write_a_dash_for_the_unknown() -> None:
    assert (percent(None), milliseconds(None)) == ("-", "-")
    assert (percent(0.066), milliseconds(12_345.0)) == ("±7 %", "12.3")

"""Quantiles."""

from __future__ import annotations

import pytest

from benchmarks.agents.figures import Spread, quantile


def test_a_quantile_is_a_value_that_was_measured() -> None:
    """The 95th of a hundred, not the 96th; of few the last one; the median lies between two."""
    hundred = [float(number) for number in range(1, 101)]
    assert [quantile(hundred, share) for share in (0.95, 0.99, 1.0)] == [95.0, 99.0, 100.0]
    assert quantile([1.0, 2.0, 9.0], 0.95) == 9.0
    assert quantile([1.0, 2.0], 0.5) == pytest.approx(1.5)
    assert quantile([], 0.5) == 0.0


def test_a_spread_is_in_milliseconds() -> None:
    """Whatever the order of the seconds was."""
    assert Spread.of([0.003, 0.001, 0.002]) == Spread(2.0, 3.0, 3.0, 3.0)

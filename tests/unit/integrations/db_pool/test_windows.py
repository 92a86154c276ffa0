"""Figures over the last seconds."""

from __future__ import annotations

import random

import pytest

from integrations.db_pool.windows import SLICES, Window


def test_a_rate_is_of_the_window_and_not_since_the_start() -> None:
    """An hour of silence doesn't thin it out, and what is older than the window is forgotten."""
    window = Window(60.0, now=0.0)
    for step in range(600):
        window.add(3600 + step / 10, 0.01)  # 10 a second
    assert window.rate(3660.0) == pytest.approx(10.0, rel=0.03)
    assert window.rate(3690.0) == pytest.approx(5.0, rel=0.05)
    assert window.rate(3800.0) == 0.0
    assert window.mean(3800.0) == 0.0
    assert window.largest(3800.0) == 0.0


def test_a_young_window_divides_by_the_time_it_covers() -> None:
    """Ten seconds after the start the rate is what it is, and not a sixth of it."""
    window = Window(60.0, now=100.0)
    for step in range(100):
        window.add(100 + step / 10, 0.01)
    assert window.rate(110.0) == pytest.approx(10.0)


def test_a_mean_and_a_maximum_are_of_the_window() -> None:
    """The maximum of an hour ago is not the maximum now."""
    window = Window(60.0, now=0.0)
    window.add(1.0, 9.0)
    assert (window.mean(2.0), window.largest(2.0)) == (9.0, 9.0)
    window.add(100.0, 1.0)
    window.add(101.0, 2.0)
    assert window.mean(101.0) == pytest.approx(1.5)
    assert window.largest(101.0) == 2.0


@pytest.mark.parametrize("scale", [1e-6, 1e-4, 1e-2, 1.0, 60.0])
def test_percentiles_are_near_the_truth(scale: float) -> None:
    """Never below it, and at most an eighth (or 1 µs) above it."""
    rng = random.Random(11)
    values = [rng.expovariate(1 / scale) for _ in range(5_000)]
    window = Window(60.0, now=0.0, percentiles=True)
    for value in values:
        window.add(1.0, value)
    values.sort()
    for share, found in zip((0.5, 0.95, 0.99), window.percentiles(1.0, 0.5, 0.95, 0.99), strict=True):
        true = values[int(share * len(values)) - 1]
        assert true <= found + 1e-12
        assert found <= true * 1.13 + 1.1e-6
    assert window.percentiles(1.0, 1.0)[0] <= values[-1]


def test_percentiles_of_nothing_are_zero() -> None:
    """As are those of a window without a histogram."""
    assert Window(60.0, now=0.0, percentiles=True).percentiles(5.0, 0.5, 0.99) == (0.0, 0.0)
    plain = Window(60.0, now=0.0)
    plain.add(1.0, 1.0)
    assert plain.percentiles(1.0, 0.5) == (0.0,)


def test_memory_does_not_grow_with_the_load() -> None:
    """A million calls in many windows' time leave one window of slices, each with few cells."""
    window = Window(1.0, now=0.0, percentiles=True)
    rng = random.Random(3)
    for step in range(100_000):
        window.add(step / 1000, rng.random() * 100)
    assert len(window._slices) == SLICES
    assert max(len(part.cells) for part in window._slices) < 250

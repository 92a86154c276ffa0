"""When a pool grows and shrinks. Samples go in, decisions come out."""

from __future__ import annotations

import random

import pytest

from integrations.db_pool import PoolOptions
from integrations.db_pool.sizing import Decision, Load, Sample, Sizing, grown, shrunk

HIGH, MIDDLE, LOW = Sample(90.0, False), Sample(50.0, False), Sample(5.0, False)
OVER = Sample(100.0, True)
QUICK = PoolOptions(minimum=2, maximum=40, grow_samples=3, overflow_samples=2, shrink_samples=4)


def decisions(options: PoolOptions, size: int, *samples: Sample) -> list[Decision | None]:
    """Take one sample a second."""
    sizing = Sizing(options)
    return [sizing.sample(float(now), size, sample) for now, sample in enumerate(samples)]


def test_a_pool_grows_when_it_stays_busy() -> None:
    """By 20 % after as many samples in a row; the decision names them."""
    assert decisions(QUICK, 20, HIGH, HIGH, HIGH) == [None, None, Decision(24, "high_utilization", (90.0, 90.0, 90.0))]


def test_one_quiet_sample_begins_the_count_anew() -> None:
    """A peak is no trend."""
    assert decisions(QUICK, 20, HIGH, HIGH, MIDDLE, HIGH, HIGH) == [None] * 5


def test_a_pool_grows_more_when_more_is_wanted_than_its_size() -> None:
    """By 30 %, sooner, and before the other rule, which holds as well."""
    assert decisions(QUICK, 20, OVER, OVER)[-1] == Decision(26, "overflow", (100.0, 100.0))
    assert decisions(QUICK, 20, HIGH, OVER, OVER)[-1] == Decision(26, "overflow", (100.0, 100.0))


def test_a_pool_shrinks_when_it_stays_idle() -> None:
    """By 20 %, after more samples than growing takes."""
    assert decisions(QUICK, 20, LOW, LOW, LOW, LOW)[-1] == Decision(16, "low_utilization", (5.0,) * 4)
    assert decisions(QUICK, 20, LOW, LOW, LOW, MIDDLE, LOW) == [None] * 5
    assert decisions(QUICK, 20, LOW, LOW, LOW, Sample(5.0, True)) == [None] * 4


def test_between_the_bounds_nothing_happens() -> None:
    """The gap between them keeps a pool from swinging."""
    assert decisions(QUICK, 20, *[Sample(value, False) for value in (20.0, 80.0, 50.0) * 20]) == [None] * 60


@pytest.mark.parametrize(("size", "larger"), [(1, 2), (2, 3), (4, 5), (5, 6), (9, 10), (20, 24), (24, 28), (39, 40)])
def test_every_size_can_grow(size: int, larger: int) -> None:
    """By 1 at least: 20 % of 4, cut to a whole number, would leave it at 4 for ever."""
    assert grown(size, 20.0, QUICK) == larger


@pytest.mark.parametrize(("size", "smaller"), [(40, 32), (20, 16), (5, 4), (4, 3), (3, 2), (2, 2)])
def test_every_size_can_shrink(size: int, smaller: int) -> None:
    """By 1 at least, down to the minimum."""
    assert shrunk(size, QUICK) == smaller


def test_a_pool_of_four_grows_to_its_maximum() -> None:
    """Step by step, and no step leads beyond it."""
    options = PoolOptions(minimum=4, maximum=10, grow_samples=1, grow_cooldown=0.0)
    sizing, size, sizes = Sizing(options), 4, [4]
    for now in range(20):
        if (decision := sizing.sample(float(now), size, HIGH)) is not None:
            size = decision.size
            sizes.append(size)
            sizing.changed(float(now))
    assert sizes == [4, 5, 6, 7, 8, 9, 10]


def test_after_a_change_the_pool_rests() -> None:
    """Growth and shrinking each have a cooldown, and count from any change."""
    options = PoolOptions(minimum=2, maximum=40, grow_samples=1, shrink_samples=1, grow_cooldown=5, shrink_cooldown=60)
    sizing = Sizing(options)
    sizing.changed(100.0)
    assert sizing.sample(104.9, 20, HIGH) is None
    assert sizing.sample(105.0, 20, HIGH) is not None
    sizing.changed(105.0)
    assert sizing.sample(164.9, 24, LOW) is None
    assert sizing.sample(165.0, 24, LOW) is not None


def test_samples_from_before_a_change_do_not_count() -> None:
    """They say nothing about the new size."""
    sizing = Sizing(PoolOptions(minimum=2, maximum=40, grow_samples=3, grow_cooldown=0.0))
    for now in range(2):
        sizing.sample(float(now), 20, HIGH)
    sizing.changed(2.0)
    assert sizing.sample(3.0, 24, HIGH) is None


def test_whatever_comes_the_size_stays_within_its_bounds() -> None:
    """Ten thousand random samples; each decision changes the size, and by its rule."""
    rng = random.Random(7)
    options = PoolOptions(minimum=3, maximum=17, grow_samples=2, shrink_samples=2, grow_cooldown=1, shrink_cooldown=2)
    sizing, size, seen = Sizing(options), 3, set()
    for now in range(10_000):
        sample = rng.choice([HIGH, OVER, LOW, LOW, MIDDLE])
        decision = sizing.sample(float(now), size, sample)
        if decision is not None:
            assert decision.size != size
            assert (decision.size < size) == (decision.reason == "low_utilization")
            size = decision.size
            seen.add(size)
            sizing.changed(float(now))
        assert 3 <= size <= 17
    assert len(seen) > 5


def test_load_is_weighted_by_time() -> None:
    """What happens between two looks counts as long as it lasts."""
    load = Load(0.0)
    load.change(2.0, 8, 0, 10)  # idle for 2 s
    load.change(8.0, 0, 0, 10)  # 80 % for 6 s
    assert load.sample(10.0).utilization == pytest.approx(48.0)
    load.change(10.0, 5, 0, 10)
    assert load.sample(20.0).utilization == pytest.approx(50.0)


def test_a_moment_of_overflow_is_remembered_until_the_next_sample() -> None:
    """Also one that is over when the sample is taken; one that lasts is in each sample."""
    load = Load(0.0)
    load.change(1.0, 10, 1, 10)
    load.change(1.1, 2, 0, 10)
    assert load.sample(2.0).overflowed
    assert not load.sample(3.0).overflowed
    load.change(3.5, 12, 0, 10)
    assert [load.sample(4.0).overflowed, load.sample(5.0).overflowed] == [True, True]
    assert load.sample(6.0).utilization == 100.0, "never above 100"


def test_a_sample_of_no_time_is_the_load_of_the_moment() -> None:
    """Nothing is divided by 0."""
    load = Load(0.0)
    load.change(0.0, 1, 0, 4)
    assert load.sample(0.0).utilization == 25.0

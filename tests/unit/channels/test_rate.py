"""Token buckets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.rate import TokenBucket

_RATES = st.floats(0.01, 100_000)
_BURSTS = st.floats(1, 5)
_PAUSES = st.lists(st.just(0.0) | st.floats(0, 2), min_size=10, max_size=100)
"""Times between two events, in units of what the rate takes for one."""


def test_a_burst_passes_at_once_and_one_more_waits() -> None:
    """A new bucket is full."""
    bucket = TokenBucket(rate=2.0, burst=3.0, now=100.0)
    assert [bucket.take(100.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert bucket.take(100.0) == 0.5


def test_a_refused_event_costs_nothing() -> None:
    """Trying again and again doesn't put off the moment at which it works."""
    bucket = TokenBucket(rate=1.0, burst=1.0, now=0.0)
    assert bucket.take(0.0) == 0.0
    assert [bucket.take(0.25), bucket.take(0.5), bucket.take(0.75)] == [0.75, 0.5, 0.25]
    assert bucket.take(1.0) == 0.0


def test_a_long_silence_saves_up_one_burst_and_no_more() -> None:
    """The level never rises above the burst."""
    bucket = TokenBucket(rate=10.0, burst=2.0, now=0.0)
    assert [bucket.take(1_000_000.0) == 0 for _ in range(4)] == [True, True, False, False]


@given(_RATES, _BURSTS, _PAUSES, st.floats(0, 1e6))
def test_who_waits_as_long_as_told_is_let_through(rate: float, burst: float, pauses: list[float], now: float) -> None:
    """The answer is exact, whatever happened before: rounding doesn't add a second refusal."""
    bucket = TokenBucket(rate, burst, now)
    for pause in pauses:
        now += pause / rate
        wait = bucket.take(now)
        if wait:
            now += wait
            assert bucket.take(now) == 0.0


@given(_RATES, _BURSTS, _PAUSES)
def test_the_long_run_keeps_to_the_rate(rate: float, burst: float, pauses: list[float]) -> None:
    """In any time T no more than burst + rate x T events pass."""
    bucket = TokenBucket(rate, burst, 0.0)
    now, passed = 0.0, 0
    for pause in pauses:
        now += pause / rate
        passed += sum(bucket.take(now) == 0 for _ in range(3))
        assert passed <= (burst + rate * now) * (1 + 1e-6) + 1e-3


@pytest.mark.parametrize(("later", "full"), [(0.0, False), (0.4, False), (0.5, True), (100.0, True)])
def test_a_bucket_is_full_again_when_its_burst_is_back(later: float, full: bool) -> None:
    """A full bucket can be forgotten: a new one would decide the same."""
    bucket = TokenBucket(rate=2.0, burst=3.0, now=10.0)
    assert bucket.is_full(10.0)
    bucket.take(10.0)
    assert bucket.is_full(10.0 + later) is full

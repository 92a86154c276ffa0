"""Waits that grow, and spread."""

from __future__ import annotations

from tocsin_client.backoff import Backoff


def test_bounds_double_up_to_the_longest() -> None:
    """Seen with a chance that always takes the bound."""
    backoff = Backoff(0.5, 20.0, lambda: 1.0)
    assert [backoff.next() for _ in range(7)] == [0.5, 1, 2, 4, 8, 16, 20]
    backoff.reset()
    assert backoff.next() == 0.5


def test_waits_begin_at_nothing() -> None:
    """Full jitter: from 0, however many attempts there were."""
    backoff = Backoff(0.5, 20.0, lambda: 0.0)
    assert {backoff.next() for _ in range(100)} == {0.0}


def test_a_time_that_the_hub_names_is_kept() -> None:
    """The jitter comes on top."""
    assert Backoff(0.5, 20.0, lambda: 0.5).next(3.0) == 3.25

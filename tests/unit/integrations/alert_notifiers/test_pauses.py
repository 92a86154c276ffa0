"""Pauses between tries."""

from __future__ import annotations

from integrations.alert_notifiers.pauses import Pauses


def test_pauses_double_up_to_the_longest() -> None:
    """With jitter they are between half of it and all of it."""
    shortest = Pauses(first=1, most=10, within=1000, chance=lambda: 0.0)
    longest = Pauses(first=1, most=10, within=1000, chance=lambda: 1.0)
    assert [shortest.before(n, 0, 0) for n in (1, 2, 3, 4, 5, 2000)] == [0.5, 1, 2, 4, 5, 5]
    assert [longest.before(n, 0, 0) for n in (1, 2, 3, 4, 5, 2000)] == [1, 2, 4, 8, 10, 10]


def test_what_the_receiver_asks_for_is_the_least() -> None:
    """Also when that is longer than the longest pause; the jitter comes on top."""
    assert Pauses(first=1, most=10, chance=lambda: 0.0).before(1, 30.0, 0) == 30.0
    assert Pauses(first=1, most=10, chance=lambda: 0.5).before(1, 30.0, 0) == 30.25


def test_it_ends() -> None:
    """No pause goes beyond the time that there is in all."""
    pauses = Pauses(first=1, most=10, within=60, chance=lambda: 1.0)
    assert pauses.before(5, 0, 50.0) == 10
    assert pauses.before(5, 0, 50.1) is None
    assert pauses.before(1, 3600.0, 0) is None


def test_the_default_is_random() -> None:
    """Two hubs don't agree."""
    pauses = Pauses()
    assert len({pauses.before(3, 0, 0) for _ in range(20)}) > 10

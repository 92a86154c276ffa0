"""Waits between attempts."""

from __future__ import annotations

from hub.cli.backoff import FIRST, LONGEST, STEADY, Backoff


def waits(backoff: Backoff, count: int) -> list[float]:
    return [backoff.next() for _ in range(count)]


def test_waits_double_up_to_a_bound() -> None:
    """With the dice at their highest, each wait is twice the last one, and none is above the bound."""
    assert waits(Backoff(lambda: 1.0), 8) == [FIRST, 1.0, 2.0, 4.0, 8.0, 16.0, LONGEST, LONGEST]


def test_waits_stay_bounded_for_ever() -> None:
    """A hub that is away for days overflows nothing."""
    assert waits(Backoff(lambda: 1.0), 5000)[-1] == LONGEST


def test_chance_takes_any_part_of_a_wait() -> None:
    """Clients that lost the same hub come back at different times."""
    dice = iter([0.0, 0.5, 0.25])
    assert waits(Backoff(lambda: next(dice)), 3) == [0.0, 0.5, 0.5]


def test_a_connection_that_lived_begins_anew() -> None:
    """After a good while of service the next loss is a new story."""
    backoff = Backoff(lambda: 1.0)
    waits(backoff, 5)
    backoff.lived(STEADY)
    assert backoff.next() == FIRST


def test_a_connection_that_ended_at_once_changes_nothing() -> None:
    """A hub that accepts and closes gets no hail of attempts."""
    backoff = Backoff(lambda: 1.0)
    waits(backoff, 3)
    backoff.lived(STEADY - 0.1)
    assert backoff.next() == 4.0

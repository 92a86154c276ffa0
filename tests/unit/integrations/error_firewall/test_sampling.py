"""At most so many a second."""

from __future__ import annotations

import threading

from integrations.error_firewall.sampling import Sampler
from tests.kit import ManualClock


def test_so_many_at_once_and_so_many_a_second() -> None:
    """Who comes after a pause counts those that were left out."""
    clock = ManualClock()
    sampler = Sampler(2, clock)
    assert [sampler.take() for _ in range(5)] == [1, 1, 0, 0, 0]
    clock.advance(0.5)
    assert sampler.take() == 4
    assert sampler.take() == 0
    clock.advance(100)
    assert [sampler.take() for _ in range(4)] == [2, 1, 0, 0]


def test_the_rest_is_told_when_its_time_has_come() -> None:
    """Once."""
    clock = ManualClock()
    sampler = Sampler(1, clock)
    assert sampler.rest() == 0
    assert [sampler.take() for _ in range(3)] == [1, 0, 0]
    assert sampler.rest() == 0
    clock.advance(1)
    assert [sampler.rest(), sampler.rest()] == [2, 0]


def test_less_than_one_a_second() -> None:
    """The first at once."""
    clock = ManualClock()
    sampler = Sampler(0.1, clock)
    assert [sampler.take(), sampler.take()] == [1, 0]
    clock.advance(10.1)
    assert sampler.take() == 2


def test_never() -> None:
    """With a rate of 0."""
    clock = ManualClock()
    sampler = Sampler(0, clock)
    clock.advance(1_000)
    assert [sampler.take(), sampler.rest()] == [0, 0]


def test_nothing_is_lost_between_threads() -> None:
    """All are counted, by whichever comes through."""
    clock = ManualClock()
    sampler, counted = Sampler(5, clock), list[int]()

    def work() -> None:
        counted.extend(sampler.take() for _ in range(1_000))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.advance(1)
    assert sum(counted) + sampler.rest() == 4_000

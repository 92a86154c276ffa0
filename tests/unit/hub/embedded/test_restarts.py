"""How long to wait before something that died is started again."""

from __future__ import annotations

import pytest

from hub.embedded.restarts import LONGEST, LOOP, PEACE, SHORTEST, Restarts


def test_the_wait_doubles_up_to_a_bound() -> None:
    """The first one is short: a single death is no reason to be away."""
    restarts = Restarts()
    waits = [restarts.died(0.0) for _ in range(40)]
    assert waits[:4] == pytest.approx([SHORTEST, 2 * SHORTEST, 4 * SHORTEST, 8 * SHORTEST])
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST


def test_a_long_life_begins_anew() -> None:
    """Who lived for a while died of something else."""
    restarts = Restarts()
    for _ in range(LOOP):
        restarts.died(PEACE - 1)
    assert restarts.is_loop
    assert restarts.died(PEACE) == SHORTEST
    assert (restarts.count, restarts.is_loop) == (1, False)


def test_several_deaths_in_a_row_are_a_loop() -> None:
    """Fewer aren't."""
    restarts = Restarts()
    seen = []
    for _ in range(LOOP):
        restarts.died(1.0)
        seen.append(restarts.is_loop)
    assert seen == [False] * (LOOP - 1) + [True]

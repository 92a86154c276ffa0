"""By how much counters rose of late."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from integrations.system_monitor.window import Window


def test_one_look_says_nothing() -> None:
    """A total since the start is no rise."""
    window = Window(60.0)
    assert window.rise() is None
    window.add(0.0, (1_000.0,))
    assert (window.rise(), window.covered) == (None, 0.0)


def test_what_was_before_the_window_does_not_count() -> None:
    """A bad hour is over when the window is."""
    window = Window(60.0)
    window.add(0.0, (0.0, 0.0))
    window.add(10.0, (100.0, 50.0))
    assert window.rise() == (100.0, 50.0)
    window.add(70.0, (200.0, 50.0))
    assert window.rise() == (100.0, 0.0)
    assert window.covered == 60.0


def test_a_counter_that_begins_anew_begins_a_new_window() -> None:
    """A rise below zero is no rise."""
    window = Window(60.0)
    window.add(0.0, (100.0,))
    window.add(1.0, (5.0,))
    assert window.rise() is None
    window.add(2.0, (7.0,))
    assert window.rise() == (2.0,)


@given(st.lists(st.tuples(st.floats(0.1, 30.0), st.integers(0, 100)), min_size=2, max_size=50))
def test_the_rise_is_that_of_the_window(steps: list[tuple[float, int]]) -> None:
    """For any looks: what rose after the last look at or before the window's beginning; memory stays bounded."""
    window, now, total = Window(60.0), 0.0, 0
    looks = []
    for pause, more in steps:
        now, total = now + pause, total + more
        looks.append((now, total))
        window.add(now, (float(total),))
    before = [look for look in looks[:-1] if look[0] <= now - 60.0]
    first = before[-1] if before else looks[0]
    assert window.rise() == (float(total - first[1]),)
    assert window.covered == now - first[0]

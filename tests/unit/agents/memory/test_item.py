from __future__ import annotations

from agents.memory.item import Filter


def test_a_filter_is_true_when_it_leaves_any_out() -> None:
    """`False` is a value as good as any."""
    assert not Filter()
    assert Filter(pinned=False)
    assert Filter(kind="fact")

"""A pool's numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from integrations.db_pool.numbers import PoolNumbers, utilization


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_utilization_is_never_above_100(active: int, size: int) -> None:
    """Whatever is borrowed beyond the size: 7 connections of a size of 5 are 100 %, and not 140."""
    assert 0 <= utilization(active, size) <= 100


def test_utilization_is_of_the_size_while_there_is_no_overflow() -> None:
    """In %, to one digit."""
    assert utilization(17, 20) == 85.0
    assert utilization(1, 3) == 33.3
    assert utilization(7, 5) == 100.0
    assert utilization(0, 5) == 0.0


def test_numbers_are_a_snapshot() -> None:
    """By their names, as messages and metrics want them."""
    numbers = PoolNumbers(5, 2, 1, 0, 40.0, 1.5, 2.5, 3.5, 9)
    assert numbers.as_dict()["total_queries"] == 9
    assert len(numbers.as_dict()) == 23

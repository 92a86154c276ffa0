"""A pool's options: what can't work is refused when it is written down."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.db_pool import PoolOptions


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"minimum": 0}, "minimum: expected at least 1"),
        ({"minimum": 9, "maximum": 8}, "minimum <= initial <= maximum, came 9, 9 and 8"),
        ({"initial": 99}, "came 5, 99 and 50"),
        ({"overflow": -1}, "overflow: expected at least 0"),
        ({"shrink_below": 80.0}, "shrink_below < grow_above"),
        ({"grow_above": 101.0}, "grow_above <= 100"),
        ({"sample_interval": 0.0}, "sample_interval: expected a number above 0"),
        ({"acquire_timeout": float("inf")}, "acquire_timeout: expected at least 0 and no infinity"),
        ({"window": float("nan")}, "window: expected at least 0"),
        ({"grow_by": 0.0}, "grow_by: expected a number above 0"),
        ({"name": ""}, "name: expected 1 to 256 characters"),
    ],
)
def test_what_cannot_work_is_refused(options: dict[str, Any], words: str) -> None:
    """The option is named, with what was expected and what came."""
    with pytest.raises(ValueError, match=words):
        PoolOptions(**options)


def test_the_size_begins_at_the_minimum_unless_told_otherwise() -> None:
    """A size that is known to be needed spares the growing."""
    assert PoolOptions(minimum=3).start == 3
    assert PoolOptions(minimum=3, initial=7).start == 7


def test_everything_that_is_a_bound_has_a_default() -> None:
    """The defaults themselves are valid, and so is every switch that is off."""
    PoolOptions()
    PoolOptions(overflow=0, stats_interval=0, leak_after=0, leak_frames=0, slow_query=0, query_text=0)
    PoolOptions(grow_cooldown=0, shrink_cooldown=0, settle=0, notices_per_minute=0)

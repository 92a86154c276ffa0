"""The limits of runs."""

from __future__ import annotations

import pytest

from agents.runs.options import INTERVAL_MAX, RunOptions


@pytest.mark.parametrize("interval", [-0.1, INTERVAL_MAX + 0.01])
def test_answers_are_written_at_least_four_times_a_second(interval: float) -> None:
    """Or a kill would lose more than it may."""
    with pytest.raises(ValueError, match="flush_interval"):
        RunOptions(flush_interval=interval)
    assert RunOptions(flush_interval=INTERVAL_MAX).flush_interval == 0.25

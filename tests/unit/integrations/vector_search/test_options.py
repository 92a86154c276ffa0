"""What an observed search may be told to do."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.vector_search.options import RecallOptions, SearchOptions


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": -0.1},
        {"share": 1.1},
        {"min_samples": 0},
        {"min_samples": 11, "window": 10},
        {"queue": 0},
        {"kinds": 0},
        {"timeout": 0},
    ],
    ids=str,
)
def test_recall_that_could_never_be_measured_is_refused(wrong: dict[str, Any]) -> None:
    """At once, not by an estimate that never comes."""
    with pytest.raises(ValueError, match="expected"):
        RecallOptions(**wrong)


@pytest.mark.parametrize("wrong", [{"latency_window": 0}, {"collections": -1}, {"count_interval": -1}], ids=str)
def test_bounds_are_bounds(wrong: dict[str, Any]) -> None:
    """Nothing is unbounded, and no time runs backwards."""
    with pytest.raises(ValueError, match="expected"):
        SearchOptions(**wrong)

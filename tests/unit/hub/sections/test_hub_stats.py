"""The section `hub_stats`, and how much history it asks for."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hub.sections.hub_stats import MOST, HubStatsOptions, hour_of


def test_numbers_come_every_five_seconds() -> None:
    """0 is off, and time does not go back."""
    assert HubStatsOptions().interval == 5.0
    assert HubStatsOptions(interval=0).interval == 0.0
    with pytest.raises(ValidationError):
        HubStatsOptions(interval=-1)


@pytest.mark.parametrize(
    ("interval", "besides", "size"),
    [(5.0, 0, 11_520), (60.0, 1_000, 1_960), (7_200.0, 0, 16), (0.0, 1_000, 1_000), (1.0, 0, MOST), (1e-300, 5, MOST)],
)
def test_an_hour_of_sixteen_processes(interval: float, besides: int, size: int) -> None:
    """With room for what comes besides, and a bound that holds for every interval."""
    assert hour_of(interval, besides) == {"history_size": size, "history_age": 3_600.0}

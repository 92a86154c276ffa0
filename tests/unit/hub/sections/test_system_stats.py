"""The section `system_stats`."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hub.sections.system_stats import SystemStatsOptions


def test_numbers_come_every_thirty_seconds() -> None:
    """Of the process, and of the machine."""
    options = SystemStatsOptions()
    assert (options.interval, options.host, options.data_folder) == (30.0, True, "")


def test_time_does_not_go_back() -> None:
    """0 is off."""
    assert SystemStatsOptions(interval=0).interval == 0.0
    with pytest.raises(ValidationError):
        SystemStatsOptions(interval=-1)

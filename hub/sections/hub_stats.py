"""The options of the numbers that each process tells the hub's operators."""

from __future__ import annotations

import math
from typing import Any, Final

from pydantic import Field

from channels.policy import Access
from hub.option_types import Seconds, Section

CHANNEL: Final = "hub_stats"
"""Where they are published."""

HOUR: Final = 3_600.0
"""Seconds that charts look back."""

PROCESSES: Final = 16
"""Processes whose messages an hour of history has room for; of more processes it holds less than an hour."""

MOST: Final = 20_000
"""Publications that such a history keeps at most: about 15 MB of `hub_stats`."""


class HubStatsOptions(Section):
    """What each process measures of itself, on the channel `hub_stats`, which is for operators."""

    interval: Seconds = Field(5.0, description="seconds between two `hub_stats`; 0 turns them and the channel off")


def hour_of(interval: float, besides: int = 0) -> dict[str, Any]:
    """Return options with which a channel keeps an hour.

    Args:
        interval: seconds between two publications of one process; 0: none come by themselves.
        besides: other publications that an hour must have room for.
    """
    regular = PROCESSES * math.ceil(min(HOUR / interval, MOST)) if interval else 0
    return {"history_size": min(MOST, besides + regular), "history_age": HOUR}


def channel_defaults(interval: float) -> dict[str, Any]:
    """Return what the channel has unless `channels.named` says otherwise: an hour of it, for operators alone."""
    own = Access.OPERATORS
    return {**hour_of(interval), "subscribe": own, "publish": Access.NOBODY, "history": own, "presence": own}

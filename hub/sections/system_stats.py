"""The options of the hub's own numbers, and of its machine's."""

from __future__ import annotations

from pydantic import Field

from hub.option_types import Seconds, Section


class SystemStatsOptions(Section):
    """The hub's own numbers on `system_alerts`, and those of its machine."""

    interval: Seconds = Field(
        30.0, description="seconds between two `system_stats`, and between two `host_stats`; 0 turns both off"
    )
    host: bool = Field(True, description="publish `host_stats` beside them, once for each machine")
    data_folder: str = Field(
        "",
        description="folder whose file system is watched; empty: tocsin under $XDG_STATE_HOME. One that isn't there "
        "stands for the nearest one above it",
    )

"""The options of delivery records."""

from __future__ import annotations

from pydantic import Field

from hub.option_types import Count, Section


class DeliveryRecordsOptions(Section):
    """What each process remembers of its sessions, to say why a user did not get a message (`/api/deliveries`)."""

    sessions: Count = Field(10_000, description="sessions that are over, 1 to 2 kB each; the oldest are dropped")
    seconds: float = Field(3600.0, gt=0, description="seconds for which a session that is over is remembered")
    events: int = Field(
        100, ge=1, description="subscriptions, and refused ones, remembered of one session; the oldest are dropped"
    )

"""The system's own numbers, those of the machine under it, and alerts."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from channels.messages.fields import Amount, Count, Line, Message, Name, Number, Text, Timestamp, Url


class SystemAlert(Message):
    """An alert fires, or is resolved."""

    type: ClassVar[str] = "alert"

    alert_id: Name = Field(description="the same from firing to resolved")
    name: Name = Field(description="the rule that fired")
    severity: Literal["info", "warning", "critical"]
    status: Literal["firing", "resolved"]
    summary: Line = Field(description="one line for people")
    value: Number | None = Field(None, description="what was measured")
    threshold: Number | None = Field(None, description="the bound that it crossed")
    started_at: Timestamp = Field(description="when it began to fire")
    ended_at: Timestamp | None = Field(
        None, description="when it was resolved; there exactly when status is resolved", validate_default=True
    )
    labels: dict[Name, Name] = Field(
        default_factory=dict,
        max_length=64,
        description="what tells like alerts apart",
        json_schema_extra={"additionalProperties": False},
    )
    metric: Name | None = Field(None, description="what the rule looks at")
    unit: Name | None = Field(None, description="unit of value and threshold")
    description: Text | None = Field(None, description="more for people")
    runbook_url: Url | None = Field(None, description="what to do about it")
    source: Name | None = Field(None, description="who found it: a process of the hub, or another system")
    repetition: Count | None = Field(
        None, description="of an alert that is told again because it still fires: how often it was told before"
    )
    silenced: bool | None = Field(None, description="a silence covers it: nobody is notified")
    reason: Literal["cleared", "stale", "stopped"] | None = Field(
        None,
        description="why it is resolved. cleared: all is well again; stale: nobody says any more how it is; stopped: "
        "the process that it was about has ended",
    )

    @field_validator("ended_at", mode="after")
    @classmethod
    def _ends_when_resolved(cls, ended_at: datetime | None, info: ValidationInfo) -> datetime | None:
        status, started_at = info.data.get("status"), info.data.get("started_at")
        if status == "resolved" and ended_at is None:
            raise ValueError("expected a time, because status is resolved")
        if status == "firing" and ended_at is not None:
            raise ValueError("expected none, because status is firing")
        if ended_at is not None and started_at is not None and ended_at < started_at:
            raise ValueError("expected a time not before started_at")
        return ended_at


class SystemStats(Message):
    """The hub's own numbers, at regular intervals. A hub of several processes has one message from each."""

    type: ClassVar[str] = "system_stats"

    total_requests: Count = Field(description="HTTP requests since the start")
    successful_requests: Count = Field(description="of these, answered with a status below 400")
    failed_requests: Count = Field(description="of these, answered with a status of 400 or more, or not at all")
    avg_response_time: Amount = Field(description="mean time to an answer, in milliseconds")
    active_connections: Count = Field(description="open connections of clients")
    memory_usage: Amount = Field(description="resident memory of the process, in MB (1,000,000 bytes)")
    cpu_usage: Amount = Field(description="processor time, in % of one core: above 100 when several are in use")
    uptime: Amount = Field(description="time since the start, in seconds")
    node: Name | None = Field(None, description="the process whose numbers these are; another name at each start")


class HostStats(Message):
    """The machine's numbers at regular intervals: of all that runs on it, not of the hub. One message a machine."""

    type: ClassVar[str] = "host_stats"

    host: Name = Field(description="the machine's name")
    cpu_percent: Amount | None = Field(
        None,
        le=100,
        description="processor time in use since the previous message, in % of all processors; null at first",
    )
    cpu_count: Count = Field(description="processors that programs can use at once")
    load_1m: Amount | None = Field(None, description="mean number of programs that run or wait to, over 1 minute")
    load_5m: Amount | None = Field(None, description="the same over 5 minutes")
    load_15m: Amount | None = Field(None, description="the same over 15 minutes")
    memory_total: Amount = Field(description="memory, in MB (1,000,000 bytes)")
    memory_available: Amount = Field(description="of it, what programs can have without swapping, in MB")
    memory_percent: Amount = Field(le=100, description="of it, what they can't have, in %")
    disk_total: Amount | None = Field(None, description="size of the file system with the data folder, in MB")
    disk_free: Amount | None = Field(None, description="of it, what is free for the hub, in MB")
    disk_percent: Amount | None = Field(None, le=100, description="of it, what is in use, in %")
    uptime: Amount = Field(description="time since the machine's start, in seconds")
    node: Name | None = Field(None, description="the process that measured it")

"""What one process of the hub measures of itself, for its operators."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from channels.messages.fields import Amount, Count, Line, Message, Name

_ROUGH = "milliseconds; interpolated in the bucket of the histogram that it fell into, so off by less than its width"


class HubStats(Message):
    """A process's numbers, at regular intervals: rates and times are over the time since its previous message."""

    type: ClassVar[str] = "hub_stats"

    node: Name = Field(description="the process; another name at each start")
    interval: Amount = Field(description="seconds since its previous message, at first since it was put together")
    processes: Count = Field(description="processes of the hub that this one knows of, itself included")
    connections: Count = Field(description="connections of clients now")
    slow_connections: Count = Field(description="of these, connections that don't keep up")
    queued_bytes: Count = Field(description="bytes that wait for clients that don't read")
    subscriptions: Count = Field(description="subscriptions now, over all channels")
    channels: Count = Field(description="channels with subscribers now")
    publications_per_second: Amount = Field(description="publications that this process accepted, its own included")
    deliveries_per_second: Amount = Field(description="publications handed to connections, each as often as it was")
    sent_bytes_per_second: Amount = Field(description="bytes written for them, frames included")
    commands_refused_per_second: Amount = Field(description="commands of clients that were answered with an error")
    publish_to_write_p50: Amount | None = Field(
        None, description=f"from a publication to the end of its writes, median, in {_ROUGH}; null: there were none"
    )
    publish_to_write_p95: Amount | None = Field(None, description="the same, 95th percentile")
    publish_to_write_p99: Amount | None = Field(None, description="the same, 99th percentile")
    loop_lag_p50: Amount | None = Field(
        None, description=f"how late the event loop ran what was due, median of four looks a second, in {_ROUGH}"
    )
    loop_lag_p99: Amount | None = Field(None, description="the same, 99th percentile")
    loop_lag_max: Amount | None = Field(None, description="the same, the worst, exact")
    memory_usage: Amount = Field(description="resident memory of the process, in MB (1,000,000 bytes)")
    cpu_usage: Amount = Field(description="processor time, in % of one core: above 100 when several are in use")
    uptime: Amount = Field(description="time since the start, in seconds")
    notify_queue: Count = Field(description="notifications from code that wait to be published")
    broker_available: bool = Field(description="whether the broker is there")
    degraded: Line | None = Field(None, description="what clients were told of its absence; null: it is there")

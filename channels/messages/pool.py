"""Pools of database connections: their size, their numbers, and what goes wrong with what they lend."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from channels.messages.fields import Amount, Count, Line, Message, Name, Text

Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class _PoolNumbers(Message):
    """What a pool was at the moment of the message."""

    pool_size: Count = Field(description="connections that the pool may have, overflow left out: a limit, not a count")
    active_connections: Count = Field(description="borrowed now, or being cleaned after that")
    idle_connections: Count = Field(description="open and free now")
    overflow_connections: Count = Field(description="open ones beyond pool_size")
    utilization: Percent = Field(
        description="active_connections in % of pool_size and the overflow connections in use; never above 100"
    )
    qps: Amount = Field(description="queries per second, over the window")
    avg_query_time: Amount = Field(description="mean time of a query, in milliseconds, over the window; 0: no query")
    max_wait_time: Amount = Field(
        description="longest wait for a connection, in milliseconds, over the window and of those that wait now"
    )
    total_queries: Count = Field(description="queries since the pool was made")
    pool: Name | None = Field(None, description="the pool, where a process has several")
    node: Name | None = Field(None, description="the process whose pool it is")


class PoolResized(_PoolNumbers):
    """A pool has changed its size. The numbers are those after the change."""

    type: ClassVar[str] = "pool_resized"

    old_size: Count = Field(description="connections that the pool might have before")
    new_size: Count = Field(description="connections that it may have now")
    reason: Literal["high_utilization", "overflow", "low_utilization", "manual"] = Field(
        description="utilization stayed high; more was wanted than the size; utilization stayed low; somebody asked"
    )
    samples: list[Percent] | None = Field(
        None, max_length=1_000, description="the utilization, in %, of the samples that caused it, oldest first"
    )
    resize_id: Name | None = Field(None, description="this change, as the pool's log names it")


class PoolStats(_PoolNumbers):
    """A pool's numbers, at regular intervals."""

    type: ClassVar[str] = "stats_update"

    maximum: Count | None = Field(None, description="connections that the pool may have at most, overflow included")
    window: Amount | None = Field(None, description="seconds that rates, averages and maxima are over")
    opening_connections: Count | None = Field(None, description="being opened now")
    closing_connections: Count | None = Field(
        None, description="being closed now, or cut so lately that the server may not know it yet"
    )
    waiters: Count | None = Field(None, description="borrowers that wait now")
    wait_p50: Amount | None = Field(None, description="median wait for a connection, in milliseconds, over the window")
    wait_p95: Amount | None = Field(None, description="95th percentile of the waits, in milliseconds, over the window")
    wait_p99: Amount | None = Field(None, description="99th percentile of the waits, in milliseconds, over the window")
    timeouts: Count | None = Field(None, description="borrowers that waited in vain, since the start")
    refused: Count | None = Field(None, description="borrowers refused because too many waited, since the start")
    connect_errors: Count | None = Field(None, description="connections that could not be opened, since the start")
    lost_connections: Count | None = Field(
        None, description="connections that broke or could not be cleaned, since the start"
    )
    failed_queries: Count | None = Field(None, description="queries that failed, since the start")
    slow_queries: Count | None = Field(None, description="queries over the pool's bound, since the start")
    leaks: Count | None = Field(None, description="connections held over the pool's bound, since the start")
    resizes: Count | None = Field(None, description="changes of the size, since the start")


class PoolLeakSuspected(Message):
    """A connection has been held for so long that somebody may have forgotten to give it back."""

    type: ClassVar[str] = "pool_leak_suspected"

    held_seconds: Amount = Field(description="seconds since it was borrowed")
    limit_seconds: Amount = Field(description="seconds from which a connection is suspected")
    active_connections: Count = Field(description="borrowed now")
    stack: list[Line] = Field(max_length=64, description="where it was borrowed: the innermost frame first")
    task: Line | None = Field(None, description="the borrowing task's name")
    backend_pid: Count | None = Field(None, description="the server's process, as in pg_stat_activity")
    suppressed: Count = Field(0, description="suspicions since the last such message that were counted and not told")
    pool: Name | None = Field(None, description="the pool, where a process has several")
    node: Name | None = Field(None, description="the process whose pool it is")


class SlowQuery(Message):
    """A query took longer than the pool's bound."""

    type: ClassVar[str] = "slow_query"

    duration: Amount = Field(description="how long it took, in milliseconds")
    limit: Amount = Field(description="from which time on a query is slow, in milliseconds")
    query: Text = Field(description="its text, cut, without parameters; what stood in quotes is masked")
    truncated: bool = Field(description="whether the text was cut")
    failed: bool = Field(description="whether it failed, or was cancelled")
    suppressed: Count = Field(0, description="slow queries since the last such message that were counted and not told")
    pool: Name | None = Field(None, description="the pool, where a process has several")
    node: Name | None = Field(None, description="the process whose pool it is")

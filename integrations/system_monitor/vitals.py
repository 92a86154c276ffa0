"""What the monitor is told of the hub and its database. Totals are since the start."""

from __future__ import annotations

from typing import NamedTuple


class HubVitals(NamedTuple):
    """The hub in this process at a moment.

    Attributes:
        requests, failed: HTTP requests, and those of them that failed.
        request_seconds: time that all of them took.
        connections_limit: 0 is no limit.
        queue, queue_limit: notifications that wait to be published, and how many may.
        dropped: notifications that found the queue full.
        spooled, spool_limit: publications that wait for the broker, and how many may.
        loop_lag: how late the event loop was at worst since the previous asking, in seconds.
        broker_away: how long the broker has been away now, in seconds.
    """

    requests: int
    failed: int
    request_seconds: float
    connections: int
    connections_limit: int
    slow_connections: int
    queue: int
    queue_limit: int
    dropped: int
    spooled: int
    spool_limit: int
    loop_lag: float
    broker_away: float


class DatabaseVitals(NamedTuple):
    """The pools of database connections at a moment.

    Attributes:
        busy: connections that are lent out, at the fullest pool.
        maximum: connections that this pool may have.
        waiters: callers that wait for one.
        timeouts: callers that waited in vain.
        away: how long the database has been away now, in seconds.
        queries, slow_queries: all, and those above the pools' bound for slow ones.
    """

    busy: int
    maximum: int
    waiters: int
    timeouts: int
    queries: int
    slow_queries: int
    away: float

"""What rules can look at: each measure by its name, with its unit."""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple


class Scope(Enum):
    """What a measure is about: an alert of it exists once for each."""

    PROCESS = "process"
    HOST = "host"


class Measure(NamedTuple):
    """A number that is taken again and again.

    Attributes:
        about: what it says, for people.
    """

    name: str
    unit: str
    about: str
    scope: Scope = Scope.PROCESS


class Missing(NamedTuple):
    """Why there is no number.

    Attributes:
        applicable: there could be one. `False`: what would be measured isn't part of this hub.
    """

    reason: str
    applicable: bool = True


Reading = float | Missing

FEW: Final = 20
"""Requests in a window that the error rate is of at least: the first failure of a quiet night is no error rate of
100 %."""

_MEASURES: Final = (
    Measure("error_rate", "%", f"failed HTTP requests of all in the window; with fewer than {FEW}, of {FEW}"),
    Measure("request_rate", "1/s", "HTTP requests per second in the window"),
    Measure("response_time", "ms", "mean time to answer the HTTP requests of the window"),
    Measure("connections", "connections", "open connections of clients"),
    Measure("connections_fill", "%", "open connections of limits.connections"),
    Measure("slow_connections", "connections", "connections that don't keep up"),
    Measure("queue_fill", "%", "notifications that wait to be published, of limits.notify_queue"),
    Measure("queue_drops", "notifications", "notifications dropped in the window because the queue was full"),
    Measure("spool_fill", "%", "publications that wait for the broker, of redis.spool_publications"),
    Measure("queue_overflow", "%", "the fuller of queue and spool; at least 100 while queue_drops is above 0"),
    Measure("loop_lag", "s", "how late the event loop was at worst since the previous look"),
    Measure("broker_away", "s", "how long the broker has been away now; 0 while it is there"),
    Measure("process_memory", "MB", "resident memory of the process"),
    Measure("process_cpu", "%", "processor time of the process since the previous look, of one core"),
    Measure("host_memory", "%", "memory of the machine that programs can't have without swapping", Scope.HOST),
    Measure("host_cpu", "%", "processor time of the machine since the previous look, of all cores", Scope.HOST),
    Measure("host_load", "1", "programs that run or want to, per core, over 1 minute", Scope.HOST),
    Measure("host_disk", "%", "what is in use of the file system with the data folder", Scope.HOST),
    Measure(
        "database_connections",
        "%",
        "busy of all connections that a pool may have, at the fullest pool; 100 and more: all are taken",
    ),
    Measure("database_waiters", "waiters", "callers that wait for a connection of a pool"),
    Measure("database_timeouts", "timeouts", "callers in the window that waited for a connection in vain"),
    Measure("database_away", "s", "how long the database has been away now; 0 while it is there"),
    Measure("slow_queries", "queries", "queries in the window that took longer than database.slow_query"),
    Measure("slow_query_share", "%", "the same, of all queries in the window"),
)

MEASURES: Final = {measure.name: measure for measure in _MEASURES}

"""Takes all measures at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import psutil

from channels import Clock
from integrations.system_monitor.host import HostMeter
from integrations.system_monitor.measures import FEW, MEASURES, Missing, Reading
from integrations.system_monitor.process import ProcessMeter
from integrations.system_monitor.vitals import DatabaseVitals, HubVitals
from integrations.system_monitor.window import Window

_FIRST: Final = Missing("needs a second look")
_NO_DATABASE: Final = Missing("the hub has no database pool", applicable=False)
_NO_LIMIT: Final = Missing("limits.connections is 0, no limit", applicable=False)


class Instruments:
    """Measures this process, its machine and its database.

    Args:
        hub: tells how the hub is.
        database: tells how the pool is; `None`: the hub has none.
        window: seconds over which rates and shares are taken.
    """

    def __init__(
        self,
        hub: Callable[[], HubVitals],
        database: Callable[[], DatabaseVitals] | None,
        process: ProcessMeter,
        host: HostMeter,
        clock: Clock,
        window: float,
    ) -> None:
        self._hub = hub
        self._database = database
        self._process = process
        self._host = host
        self._clock = clock
        self._looked = False
        self._of_hub = Window(window)
        self._of_database = Window(window)

    async def read(self) -> Mapping[str, Reading]:
        """Return every measure's number, or why there is none. Never fails: what can't be measured says so."""
        readings: dict[str, Reading] = dict.fromkeys(MEASURES, Missing("was not measured"))
        for names, take in (
            (_HUB, self._read_hub),
            (_PROCESS, self._read_process),
            (_DATABASE, self._read_database),
        ):
            try:
                readings |= take()
            except Exception as error:
                readings |= dict.fromkeys(names, _failed(error))
        try:
            readings |= await self._read_host()
        except (psutil.Error, OSError, RuntimeError) as error:
            readings |= dict.fromkeys(_HOST, _failed(error))
        return {name: _finite(reading) for name, reading in readings.items()}

    def _read_hub(self) -> dict[str, Reading]:
        vitals = self._hub()
        self._of_hub.add(
            self._clock.monotonic(),
            (vitals.requests, vitals.failed, vitals.request_seconds, vitals.dropped),
        )
        fill = 100 * vitals.queue / vitals.queue_limit
        spool = 100 * vitals.spooled / vitals.spool_limit
        limit = vitals.connections_limit
        readings: dict[str, Reading] = {
            "connections": vitals.connections,
            "connections_fill": 100 * vitals.connections / limit if limit else _NO_LIMIT,
            "slow_connections": vitals.slow_connections,
            "queue_fill": fill,
            "spool_fill": spool,
            "loop_lag": vitals.loop_lag,
            "broker_away": vitals.broker_away,
        }
        rise = self._of_hub.rise()
        if rise is None:
            return {**readings, **dict.fromkeys(_OF_WINDOW, _FIRST), "queue_overflow": max(fill, spool)}
        requests, failed, seconds, dropped = rise
        return {
            **readings,
            "error_rate": 100 * failed / max(requests, FEW),
            "request_rate": requests / self._of_hub.covered if self._of_hub.covered else _FIRST,
            "response_time": 1000 * seconds / requests if requests else Missing("no request in the window"),
            "queue_drops": dropped,
            "queue_overflow": max(fill, spool, 100.0 if dropped else 0.0),
        }

    def _read_process(self) -> dict[str, Reading]:
        process = self._process.measure()
        # The first number is since the process began: what starting took is no reason for an alert.
        cpu = process.cpu if self._looked else _FIRST
        self._looked = True
        return {"process_memory": process.memory, "process_cpu": cpu}

    async def _read_host(self) -> dict[str, Reading]:
        host = await self._host.measure()
        return {
            "host_memory": host.memory_percent,
            "host_cpu": _FIRST if host.cpu is None else host.cpu,
            "host_load": Missing("the machine doesn't count it")
            if host.load is None
            else host.load[0] / host.cpu_count,
            "host_disk": Missing("the file system doesn't answer") if host.disk is None else host.disk.percent,
        }

    def _read_database(self) -> dict[str, Reading]:
        if self._database is None:
            return dict.fromkeys(_DATABASE, _NO_DATABASE)
        vitals = self._database()
        self._of_database.add(self._clock.monotonic(), (vitals.queries, vitals.slow_queries, vitals.timeouts))
        readings: dict[str, Reading] = {
            "database_waiters": vitals.waiters,
            "database_away": vitals.away,
        }
        rise = self._of_database.rise()
        taken = 100 * vitals.busy / vitals.maximum if vitals.maximum else 0.0
        if rise is None:
            return {
                **readings,
                "database_connections": taken,
                "database_timeouts": _FIRST,
                "slow_queries": _FIRST,
                "slow_query_share": _FIRST,
            }
        queries, slow, timeouts = rise
        return {
            **readings,
            # Who waits, or has waited in vain, proves that none was free, whatever the count says at this moment.
            "database_connections": max(taken, 100.0) if vitals.waiters or timeouts else taken,
            "database_timeouts": timeouts,
            "slow_queries": slow,
            "slow_query_share": 100 * slow / queries if queries else 0.0,
        }


def _failed(error: Exception) -> Missing:
    return Missing(f"measuring failed: {type(error).__name__}")


def _finite(reading: Reading) -> Reading:
    if isinstance(reading, Missing) or math.isfinite(reading):
        return reading
    return Missing("measuring gave no number")


_OF_WINDOW: Final = ("error_rate", "request_rate", "response_time", "queue_drops")
_PROCESS: Final = ("process_memory", "process_cpu")
_HOST: Final = ("host_memory", "host_cpu", "host_load", "host_disk")
_DATABASE: Final = (
    "database_connections",
    "database_waiters",
    "database_timeouts",
    "database_away",
    "slow_queries",
    "slow_query_share",
)
_HUB: Final = tuple(name for name in MEASURES if name not in (*_PROCESS, *_HOST, *_DATABASE))

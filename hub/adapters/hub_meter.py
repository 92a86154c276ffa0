"""What one process of the hub measures of itself, for its operators."""

from __future__ import annotations

from typing import Any

from channels.clock import Clock
from channels.engine import Engine
from channels.messages import HubStats
from hub.connections import Connections
from hub.degraded import Availability
from hub.fanout import FanoutCounters
from hub.metrics import Metrics
from hub.notify import Inbox
from hub.quantiles import Windows
from hub.reports import Reports
from integrations.system_monitor.process import ProcessMeter


class HubMeter:
    """Reads the hub's counters, and makes rates of them. For one reader: each look is about the time since the last.

    A look costs well under a millisecond, and one more for each 5,000 connections.

    Args:
        reports: say which other processes there are.
    """

    def __init__(
        self,
        engine: Engine,
        connections: Connections,
        counters: FanoutCounters,
        inbox: Inbox,
        metrics: Metrics,
        availability: Availability,
        reports: Reports,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._connections = connections
        self._counters = counters
        self._inbox = inbox
        self._metrics = metrics
        self._availability = availability
        self._reports = reports
        self._clock = clock
        self._process = ProcessMeter(clock)
        self._delays, self._lags = Windows(metrics.publish_to_write), Windows(metrics.loop_lag)
        self._worst_lag = 0.0
        self._at = clock.monotonic()
        self._counted = self._count()

    def lagged(self, seconds: float) -> None:
        """Note by how much the event loop was late: of the worst, the histogram knows only the bucket."""
        self._worst_lag = max(self._worst_lag, seconds)

    async def measure(self) -> HubStats:
        """Return the numbers as of now.

        Raises:
            psutil.Error, OSError: the machine doesn't say.
        """
        processes = 1 + len((await self._reports.latest()).others)
        who = {"node": self._reports.node, "processes": processes}
        return HubStats.model_validate(who | self._now() | self._rates() | self._times() | self._own())

    def _now(self) -> dict[str, Any]:
        slow = queued = 0
        for connection in self._connections:
            slow += connection.lags
            queued += connection.queued_bytes
        counts = self._engine.registry.counts()
        return {
            "connections": len(self._connections),
            "slow_connections": slow,
            "queued_bytes": queued,
            "subscriptions": sum(counts.values()),
            "channels": len(counts),
            "notify_queue": len(self._inbox),
        }

    def _count(self) -> dict[str, float]:
        counters = self._counters
        return {
            "publications": self._engine.checks.passed,
            "deliveries": counters.deliveries,
            "sent_bytes": counters.bytes,
            "commands_refused": self._metrics.refused,
        }

    def _rates(self) -> dict[str, Any]:
        now, counted = self._clock.monotonic(), self._count()
        passed, before = now - self._at, self._counted
        self._at, self._counted = now, counted
        rates = {name: (number - before[name]) / passed if passed > 0 else 0.0 for name, number in counted.items()}
        return {"interval": round(passed, 3), **{f"{name}_per_second": round(rate, 3) for name, rate in rates.items()}}

    def _times(self) -> dict[str, Any]:
        delays, lags = self._delays.next(), self._lags.next()
        worst, self._worst_lag = self._worst_lag, 0.0
        times = {f"publish_to_write_p{share}": _milliseconds(delays.quantile(share / 100)) for share in (50, 95, 99)}
        # The worst is exact, so what is interpolated can't be above it.
        times |= {f"loop_lag_p{share}": _milliseconds(lags.quantile(share / 100), worst) for share in (50, 99)}
        return times | {"loop_lag_max": _milliseconds(worst) if any(lags.counts) else None}

    def _own(self) -> dict[str, Any]:
        process, notice = self._process.measure(), self._availability.notice
        return {
            "memory_usage": round(process.memory, 1),
            "cpu_usage": round(process.cpu, 1),
            "uptime": round(process.uptime, 1),
            "broker_available": self._availability.available,
            "degraded": None if notice is None else notice["reason"],
        }


def _milliseconds(seconds: float | None, most: float = float("inf")) -> float | None:
    return None if seconds is None else round(1_000 * min(seconds, most), 3)

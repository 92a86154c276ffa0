"""How many there are: clients, channels and messages of this process, and of the whole hub."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from itertools import chain, islice
from typing import Any, Final

from channels.clock import Clock
from channels.engine import Engine
from hub.connections import Connections
from hub.fanout import FanoutCounters
from hub.peers import Peers, Question
from hub.reports import Reports

REPORTED_CHANNELS: Final = 1_000
"""Channels that a process names in its report, which is sent at each heartbeat; of others it tells only how many."""

REPORTED_BYTES: Final = 32_768
"""Bytes of their names and numbers: a report may have 64 KiB in all (`channels.redis.nodes`)."""

FRESH: Final = 0.2
"""Seconds that the others' numbers are good for: any client may ask, and all processes would answer each time."""

_QUESTION: Final = "count"
_NUMBERS: Final = ("total_clients", "total_channels", "total_messages_sent", "total_connections_ever")


class Census:
    """Counts.

    Args:
        peers: the other processes, which are asked.
        reports: what they said at their last heartbeat, for those that don't answer.
    """

    def __init__(
        self,
        engine: Engine,
        connections: Connections,
        counters: FanoutCounters,
        clock: Clock,
        peers: Peers,
        reports: Reports,
    ) -> None:
        self._engine = engine
        self._connections = connections
        self._counters = counters
        self._clock = clock
        self._peers = peers
        self._reports = reports
        self._others: Mapping[str, Mapping[str, Any]] = {}
        self._partial = False
        self._good_until = float("-inf")
        self._asking = asyncio.Lock()
        peers.answer(_QUESTION, self._asked)

    def count(self) -> dict[str, Any]:
        """Return this process's six numbers."""
        counts = self._engine.registry.counts()
        return {
            "total_clients": len(self._connections),
            "total_channels": len(counts),
            "total_messages_sent": self._counters.deliveries,
            "total_connections_ever": self._connections.ever,
            "channel_stats": counts,
            "active_channels": list(counts),
        }

    def report(self) -> dict[str, Any]:
        """Return what the others need to count the whole, also for `channels.ports.Nodes.report`."""
        numbers = self.count()
        counts = numbers.pop("channel_stats")
        del numbers["active_channels"]
        return {**numbers, "channel_stats": self._bounded(counts), "at": self._clock.now()}

    def _bounded(self, counts: dict[str, int]) -> dict[str, int]:
        named = [name for name in self._engine.policy.names if name in counts]
        reported: dict[str, int] = {}
        room = REPORTED_BYTES
        for name in islice(chain(named, counts), REPORTED_CHANNELS + len(named)):
            room -= 0 if name in reported else len(name) + len(f'"":{counts[name]},')
            if room < 0 or len(reported) == REPORTED_CHANNELS:
                break
            reported[name] = counts[name]
        return reported

    async def _asked(self, _about: Question) -> dict[str, Any]:
        return self.report()

    async def whole(self) -> dict[str, Any]:
        """Return the six numbers over all processes, and under `nodes` those of each.

        This process's are as of now, the others' of a moment ago. A channel is counted once, however many processes
        have subscribers on it; only beyond `REPORTED_CHANNELS` per process some may be counted more than once. Of a
        process that doesn't answer its last heartbeat counts; `partial` is there and true then.
        """
        if not self._peers.alone:
            await self._ask()
        own = self.count()
        nodes = [self._row(self._peers.node, {**own, "at": self._clock.now()})]
        counts: dict[str, int] = dict(own["channel_stats"])
        unnamed = 0
        for node, report in sorted(self._others.items()):
            nodes.append(self._row(node, report))
            for channel, number in report["channel_stats"].items():
                counts[channel] = counts.get(channel, 0) + number
            unnamed += report["total_channels"] - len(report["channel_stats"])
        whole: dict[str, Any] = {name: sum(node[name] for node in nodes) for name in _NUMBERS}
        whole |= {"total_channels": len(counts) + unnamed, "channel_stats": counts, "active_channels": list(counts)}
        return {**whole, "nodes": nodes, **({"partial": True} if self._partial else {})}

    async def _ask(self) -> None:
        async with self._asking:
            if self._clock.monotonic() < self._good_until:
                return
            answers = await self._peers.ask(_QUESTION, {})
            reports = {**(await self._reports.latest()).others, **answers.by_node}
            self._others = {node: report for node, report in reports.items() if _is_report(report)}
            self._partial = answers.partial
            self._good_until = self._clock.monotonic() + FRESH

    def _row(self, node: str, numbers: Mapping[str, Any]) -> dict[str, Any]:
        age = max(0.0, self._clock.now() - numbers["at"])
        return {"node": node, "age": round(age, 3), **{name: numbers[name] for name in _NUMBERS}}


def _is_report(report: Mapping[str, Any]) -> bool:
    """Tell whether a report has what is counted: another version of the hub may say other things."""
    return (
        all(isinstance(report.get(name), int) for name in _NUMBERS)
        and isinstance(report.get("at"), int | float)
        and isinstance(report.get("channel_stats"), dict)
    )

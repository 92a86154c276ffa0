"""How the processes of the hub are, as of a moment ago: asked for at most once a second, however many want to know."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from channels.clock import Clock
from channels.errors import ReplyError
from channels.ports import Nodes

FRESH: Final = 1.0
"""Seconds that an answer is good for: reports change with heartbeats, which are rarer."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What the others said last.

    Attributes:
        others: their reports by name, without this process's own.
        current: the list was there when it was asked for. Otherwise it is that of the last time.
    """

    others: Mapping[str, Mapping[str, Any]]
    current: bool


class Reports:
    """Reads the reports.

    Args:
        timeout: seconds to wait for them.
    """

    def __init__(self, nodes: Nodes, clock: Clock, timeout: float = 1.0) -> None:
        self.node = nodes.node
        self._nodes = nodes
        self._clock = clock
        self._timeout = timeout
        self._latest = Reported({}, True)
        self._good_until = float("-inf")
        self._reading = asyncio.Lock()

    async def latest(self) -> Reported:
        """Return what the others said, at most `FRESH` seconds old. Never fails: see `Reported.current`."""
        async with self._reading:
            if self._clock.monotonic() >= self._good_until:
                self._latest = await self._read()
                self._good_until = self._clock.monotonic() + FRESH
            return self._latest

    async def _read(self) -> Reported:
        try:
            async with asyncio.timeout(self._timeout):
                reports = await self._nodes.reports()
        except (ReplyError, TimeoutError):
            return Reported(self._latest.others, False)
        return Reported({node: report for node, report in reports.items() if node != self.node}, True)

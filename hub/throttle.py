"""Subscribers that asked for at most one publication per key and interval: they get the newest, when its time has
come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from channels.model import Publication
from hub.outbox import Outbox


class _Gate:
    """What one connection waits for on one channel: the newest publication per key, and a timer while there is
    something."""

    __slots__ = ("next_at", "timer", "waiting")

    def __init__(self) -> None:
        self.next_at: dict[str | None, float] = {}
        self.waiting: dict[str | None, Publication] = {}
        self.timer: asyncio.TimerHandle | None = None


class Throttles:
    """All throttled subscriptions of a process. Only they cost a timer.

    Args:
        push: sends one publication to one connection.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, push: Callable[[Outbox, Publication], None]) -> None:
        self._loop = loop
        self._push = push
        self._gates: dict[tuple[Outbox, str], _Gate] = {}

    def offer(self, connection: Outbox, publication: Publication, interval: float) -> None:
        """Send a publication now if its key's interval is over, or keep it until then in place of an older one."""
        if not connection.is_open:
            self.forget(connection, publication.channel)
            return
        if publication.key is None:
            self._push(connection, publication)
            return
        gate = self._gates.setdefault((connection, publication.channel), _Gate())
        now = self._loop.time()
        if now >= gate.next_at.get(publication.key, 0.0) and publication.key not in gate.waiting:
            gate.next_at[publication.key] = now + interval
            self._push(connection, publication)
        else:
            gate.waiting.pop(publication.key, None)
            gate.waiting[publication.key] = publication
        if gate.timer is None:
            self._arm(connection, publication.channel, gate, interval)

    def settle(self, connection: Outbox, channel: str) -> None:
        """Send what waits: from now on the connection gets every publication, and those must not overtake."""
        gate = self._gates.get((connection, channel))
        if gate is not None:
            self.forget(connection, channel)
            for publication in gate.waiting.values():
                self._push(connection, publication)

    def forget(self, connection: Outbox, channel: str) -> None:
        """Drop what waits: the connection left the channel."""
        gate = self._gates.pop((connection, channel), None)
        if gate is not None and gate.timer is not None:
            gate.timer.cancel()

    def __len__(self) -> int:
        """How many throttled subscriptions have a publication that waits, or an interval that runs."""
        return len(self._gates)

    def _arm(self, connection: Outbox, channel: str, gate: _Gate, interval: float) -> None:
        due = min(gate.next_at[key] for key in gate.waiting) if gate.waiting else max(gate.next_at.values())
        gate.timer = self._loop.call_at(due, self._due, connection, channel, gate, interval)

    def _due(self, connection: Outbox, channel: str, gate: _Gate, interval: float) -> None:
        gate.timer = None
        if not connection.is_open:
            self.forget(connection, channel)
            return
        now = self._loop.time()
        for key in [key for key in gate.waiting if gate.next_at[key] <= now]:
            gate.next_at[key] = now + interval
            self._push(connection, gate.waiting.pop(key))
        # Keys whose interval is over and that wait for nothing need no memory.
        gate.next_at = {key: at for key, at in gate.next_at.items() if at > now}
        if gate.next_at:
            self._arm(connection, channel, gate, interval)
        else:
            self._gates.pop((connection, channel), None)

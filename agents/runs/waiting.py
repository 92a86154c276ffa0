"""Waits for the ends of runs, wherever they are worked on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from agents.ports import Signals
from agents.runs.ending import Outcome
from agents.sessions.run import Run

TOPIC: Final = "agents.runs.ended"

LOOK: Final = 1.5
"""Seconds between two looks into the database, for words that got lost."""

REMEMBERED: Final = 1_000
"""Ends that are remembered, for who begins to wait just after one."""


@dataclass(slots=True, eq=False)
class _Waiter:
    """Who waits for one run.

    Attributes:
        told: it has ended.
        outcome: how; `None`: that has to be read.
    """

    told: asyncio.Event = field(default_factory=asyncio.Event)
    outcome: Outcome | None = None


class Waiters:
    """Who waits for runs in this process. Ends are told to all processes; a word that gets lost costs a look."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self._waiting: dict[UUID, set[_Waiter]] = {}
        self._ended: dict[UUID, None] = {}
        signals.listen(TOPIC, self._hear)

    def tell(self, run_id: UUID, outcome: Outcome | None = None) -> None:
        """Say that a run has ended; after that was committed.

        Args:
            outcome: how, for those who wait here; they need no look then. Only who may see a run waits for it.
        """
        for waiter in self._waiting.get(run_id, ()):
            waiter.outcome = outcome
        self._signals.tell(TOPIC, {"run": str(run_id)})

    async def wait(
        self, run_id: UUID, read: Callable[[], Awaitable[Outcome]], timeout: float, known: Run | None = None
    ) -> Outcome:
        """Wait until a run has ended, `timeout` seconds at most; return it as it is then.

        Args:
            read: looks into the database, and refuses who may not see the run.
            known: the run as it was just before, read by who may see it.
        """
        waiter = _Waiter()
        waiting = self._waiting.setdefault(run_id, set())
        waiting.add(waiter)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        try:
            is_open = known is not None and not known.has_ended and run_id not in self._ended
            outcome = Outcome(known) if known is not None and is_open else await read()
            while not outcome.run.has_ended and loop.time() < deadline:
                waiter.told.clear()
                try:
                    async with asyncio.timeout(min(LOOK, deadline - loop.time())):
                        await waiter.told.wait()
                except TimeoutError:
                    pass
                outcome = waiter.outcome or await read()
            return outcome
        finally:
            waiting.discard(waiter)
            if not waiting:
                self._waiting.pop(run_id, None)

    def _hear(self, word: Mapping[str, Any]) -> None:
        run_id = UUID(word["run"])
        self._ended[run_id] = None
        if len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]
        for waiter in self._waiting.get(run_id, ()):
            waiter.told.set()

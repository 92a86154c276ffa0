"""Waits for the ends of runs, wherever they are worked on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

from agents.ports import Signals
from agents.sessions.run import Run

TOPIC: Final = "agents.runs.ended"

LOOK: Final = 1.5
"""Seconds between two looks into the database, for words that got lost."""

REMEMBERED: Final = 1_000
"""Ends that are remembered, for who begins to wait just after one."""


class Waiters:
    """Who waits for runs in this process. Ends are told to all processes; a word that gets lost costs a look."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self._waiting: dict[UUID, set[asyncio.Event]] = {}
        self._ended: dict[UUID, None] = {}
        signals.listen(TOPIC, self._hear)

    def tell(self, run_id: UUID) -> None:
        """Say that a run has ended; after that was committed."""
        self._signals.tell(TOPIC, {"run": str(run_id)})

    async def wait(
        self, run_id: UUID, read: Callable[[], Awaitable[Run]], timeout: float, known: Run | None = None
    ) -> Run:
        """Wait until a run has ended, `timeout` seconds at most; return it as it is then.

        Args:
            read: looks into the database.
            known: the run as it was just before.
        """
        told = asyncio.Event()
        waiting = self._waiting.setdefault(run_id, set())
        waiting.add(told)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        try:
            run = known if known is not None and run_id not in self._ended else await read()
            while not run.has_ended and loop.time() < deadline:
                told.clear()
                try:
                    async with asyncio.timeout(min(LOOK, deadline - loop.time())):
                        await told.wait()
                except TimeoutError:
                    pass
                run = await read()
            return run
        finally:
            waiting.discard(told)
            if not waiting:
                self._waiting.pop(run_id, None)

    def _hear(self, word: Mapping[str, Any]) -> None:
        run_id = UUID(word["run"])
        self._ended[run_id] = None
        if len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]
        for told in self._waiting.get(run_id, ()):
            told.set()

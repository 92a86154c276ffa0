"""Whether the agents' database answers, for whoever asks often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

FRESH: Final = 1.0
"""Seconds for which an answer is given again. Anybody may ask, so it must not cost a query each time."""

PATIENCE: Final = 2.0
"""Seconds that the database has. One that answers later keeps requests waiting as well."""


class Pulse:
    """Asks a database for a sign of life, once for all who want to know.

    Args:
        ask: the database.
        now: seconds, any monotonic clock.
        patience: seconds that it has to answer.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[bool]], now: Callable[[], float], patience: float = PATIENCE
    ) -> None:
        self._ask = ask
        self._now = now
        self._patience = patience
        self._lock = asyncio.Lock()
        self._beats = False
        self._until = float("-inf")

    async def beats(self) -> bool:
        """Tell whether the database answers, or did within the last second."""
        async with self._lock:
            if self._now() >= self._until:
                self._beats = await self._asked()
                self._until = self._now() + FRESH
            return self._beats

    async def _asked(self) -> bool:
        try:
            async with asyncio.timeout(self._patience):
                return await self._ask()
        except TimeoutError:
            return False

"""How many answers of a provider there may be at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agents.models.port import ModelFailed


class Slots:
    """A bounded number of places, and a bounded queue before them: first in, first out.

    Args:
        name: of the provider, for people.
        places: that may be taken at the same time.
        waiting: that may wait for one.
    """

    def __init__(self, name: str, places: int, waiting: int) -> None:
        self._name = name
        self._places = places
        self._most = waiting
        self._waiting = 0
        self._free = asyncio.Semaphore(places)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Have a place as long as the block runs; waits for it.

        Raises:
            ModelFailed: `rate_limited`, when as many wait already as may.
        """
        if self._free.locked() and self._waiting >= self._most:
            raise ModelFailed(
                "rate_limited",
                f"expected a place among the {self._places} answers that {self._name} may give at the same time, but "
                f"{self._waiting} wait for one already; try again later, or raise its concurrency or waiting",
                temporary=True,
            )
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()

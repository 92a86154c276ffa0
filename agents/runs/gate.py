"""How many runs of a process are at the hub's own work at once: all of a run but what its model takes.

Each step of that work needs a connection to the database. When there are many more runs than connections, those that
wait do so here: in order, before they begin a step, and not in the middle of one, where their waiting would count
against what the step may take, and would have connections opened and closed again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from channels.errors import ErrorCode, ReplyError


class Gate:
    """A bounded number of places: first come, first served.

    Args:
        places: that may be taken at once.
        patience: seconds that who may be refused waits for one.
    """

    def __init__(self, places: int, patience: float) -> None:
        self._free = asyncio.Semaphore(places)
        self._patience = patience

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Have a place for as long as the block runs, however long it takes to get one. Don't ask for two."""
        async with self._free:
            yield

    @asynccontextmanager
    async def one_soon(self) -> AsyncIterator[None]:
        """Have a place, or be refused.

        Raises:
            ReplyError: `unavailable`, with `retry_after`.
        """
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            message = f"the hub is busy with other messages, and had no time for this one within {self._patience:g} s"
            raise ReplyError(ErrorCode.UNAVAILABLE, message, retry_after=1) from None
        try:
            yield
        finally:
            self._free.release()

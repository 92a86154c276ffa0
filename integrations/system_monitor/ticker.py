"""A beat: so many seconds from one tick to the next, however long the work in between takes."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

from channels import Clock

Sleep = Callable[[float], Awaitable[object]]


class Ticker:
    """Ticks at multiples of an interval from its start on. Ticks that came while nobody waited are left out.

    Args:
        interval: seconds, above 0.
        sleep: waits so many seconds.
    """

    def __init__(self, interval: float, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._start = clock.monotonic()
        self._number = 0

    async def wait(self) -> None:
        """Wait for the next tick."""
        # A timer may ring a moment early; the tick that it rang for is over all the same.
        passed = math.floor((self._clock.monotonic() - self._start) / self._interval)
        self._number = max(self._number, passed) + 1
        await self._sleep(self._start + self._number * self._interval - self._clock.monotonic())

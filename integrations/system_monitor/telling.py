"""Telling something again and again, whatever goes wrong in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from integrations.system_monitor.ticker import Ticker

log = structlog.get_logger(__name__)


class Telling:
    """Tells now and at each tick.

    Args:
        event: what the log says of the first failure.
        ticker: makes the beat; it begins with `run`.

    Attributes:
        failures: times that telling raised.
    """

    def __init__(self, event: str, tell: Callable[[], Awaitable[None]], ticker: Callable[[], Ticker]) -> None:
        self.failures = 0
        self._event = event
        self._tell = tell
        self._ticker = ticker

    async def run(self) -> None:
        """Tell until cancelled. What fails is counted, and tried again at the next tick."""
        ticker = self._ticker()
        while True:
            try:
                await self._tell()
            except Exception:
                self.failures += 1
                if self.failures == 1:
                    log.exception(self._event)
            await ticker.wait()

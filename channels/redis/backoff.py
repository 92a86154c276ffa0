"""Pauses between attempts: longer each time, and never the same in two processes."""

from __future__ import annotations

import asyncio
from random import Random


class Backoff:
    """Counts failures in a row.

    Args:
        first, longest: seconds; a pause is between a half and all of `first * 2 ** failures`, at most `longest`.
    """

    def __init__(self, random: Random, first: float = 0.05, longest: float = 1.0) -> None:
        self._random = random
        self._first = first
        self._longest = longest
        self._failures = 0

    def reset(self) -> None:
        """Begin with short pauses again: it worked."""
        self._failures = 0

    async def pause(self) -> None:
        """Wait before the next attempt."""
        whole = min(self._longest, self._first * 2 ** min(self._failures, 16))
        self._failures += 1
        await asyncio.sleep(whole * self._random.uniform(0.5, 1.0))

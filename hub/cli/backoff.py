"""How long to wait before the next attempt to connect."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST = 0.5
LONGEST = 20.0
"""Seconds: the longest wait of the first attempt, and of any attempt."""
STEADY = 10.0
"""Seconds that a connection must live for the waits to begin anew: a hub that closes at once gets no hail of them."""


class Backoff:
    """Waits that double, each with full jitter: clients that lost the same hub come back spread over the wait."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._attempts = 0

    def next(self) -> float:
        """Seconds to wait now."""
        longest = min(LONGEST, FIRST * 2.0 ** min(self._attempts, 16))
        self._attempts += 1
        return longest * self._chance()

    def lived(self, seconds: float) -> None:
        """Note that a connection ended after so long."""
        if seconds >= STEADY:
            self._attempts = 0

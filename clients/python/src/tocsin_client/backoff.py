"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from collections.abc import Callable


class Backoff:
    """Waits whose bound doubles, each with full jitter: clients that lost one hub come back spread over the wait.

    Args:
        first: seconds, bound of the first wait.
        longest: seconds, bound of any wait.
        chance: a number from 0 to 1.
    """

    def __init__(self, first: float, longest: float, chance: Callable[[], float] = random.random) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance
        self._attempts = 0

    def next(self, at_least: float = 0.0) -> float:
        """Return the seconds to wait now.

        Args:
            at_least: a time that the hub named. It counts from there: those it told the same don't come all at once.
        """
        bound = min(self._longest, self._first * 2.0 ** min(self._attempts, 32))
        self._attempts += 1
        return at_least + bound * self._chance()

    def reset(self) -> None:
        """Begin anew: it worked."""
        self._attempts = 0

"""How long to wait before a message is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pauses:
    """Doubling pauses with jitter: hubs that lost the same receiver together don't come back together.

    Attributes:
        first: seconds before the first repetition, at most.
        most: seconds before any, at most; what a receiver asks for may be longer.
        within: seconds after the first try, from which on nothing is tried again.
        chance: gives numbers from 0 to 1.
    """

    first: float = 1.0
    most: float = 60.0
    within: float = 600.0
    chance: Callable[[], float] = random.random

    def before(self, repetition: int, asked: float, spent: float) -> float | None:
        """Return the seconds to wait; `None`: give up.

        Args:
            repetition: 1 for the first one.
            asked: seconds that the receiver asked to wait.
            spent: seconds since the first try.
        """
        longest = min(self.most, self.first * 2.0 ** min(repetition - 1, 60))
        # A receiver's wish is a lower bound, and the jitter comes on top of it.
        pause = max(longest / 2, asked) + self.chance() * longest / 2
        return pause if spent + pause <= self.within else None

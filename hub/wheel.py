"""One timer for all deadlines: a wheel with a slot per tick, instead of a timer per connection."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")

TICK = 0.25
"""Seconds between two turns; a deadline is met at most this much late."""


class Wheel(Generic[T]):
    """Calls `check(item)` when an item's deadline has come; `check` returns the next one, or `None`.

    Scheduling again adds a deadline and takes none away: an item may be checked more often than needed, never later.
    What is checked decides by itself what is due. An item stands in a slot once, so deadlines that fall together become
    one.

    Args:
        observe_lag: is told at each turn how many seconds late it is: the event loop's lag.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        check: Callable[[T], float | None],
        observe_lag: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._loop = loop
        self._check = check
        self._observe_lag = observe_lag
        self._slots: dict[int, dict[T, None]] = {}
        self._turned = math.floor(loop.time() / TICK)
        self._timer: asyncio.TimerHandle | None = None

    def schedule(self, item: T, at: float) -> None:
        """Have `item` checked at `at` (the loop's time), or at the next turn if that is past."""
        slot = max(math.ceil(at / TICK), self._turned + 1)
        self._slots.setdefault(slot, {})[item] = None

    def start(self) -> None:
        """Begin to turn."""
        self._arm()

    def stop(self) -> None:
        """Stop turning; what is scheduled is forgotten."""
        if self._timer is not None:
            self._timer.cancel()
        self._slots.clear()

    def _arm(self) -> None:
        at = (math.floor(self._loop.time() / TICK) + 1) * TICK
        self._timer = self._loop.call_at(at, self._turn, at)

    def _turn(self, expected: float) -> None:
        now = self._loop.time()
        self._observe_lag(max(0.0, now - expected))
        upto = math.floor(now / TICK)
        # After a long stall many slots are due at once.
        due = range(self._turned + 1, upto + 1) if upto - self._turned < len(self._slots) else sorted(self._slots)
        self._turned = upto
        for slot in due:
            if slot <= upto:
                for item in self._slots.pop(slot, ()):
                    self._check_alone(item)
        self._arm()

    def _check_alone(self, item: T) -> None:
        """Check an item; if that fails, it is forgotten, and the others are checked all the same."""
        try:
            self.check(item)
        except Exception:
            log.exception("check of a deadline failed")

    def check(self, item: T) -> None:
        """Check an item now, and schedule its next deadline."""
        following = self._check(item)
        if following is not None:
            self.schedule(item, following)

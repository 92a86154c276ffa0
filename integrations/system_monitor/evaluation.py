"""A rule's life: from one look to the next, without a clock or a socket of its own."""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from typing import Final

from integrations.system_monitor.measures import Missing, Reading
from integrations.system_monitor.rules import Rule

_DOUBLINGS: Final = 5
"""Times that damping doubles the time to resolve at most: 32 times as long."""


class State(StrEnum):
    """Where a rule is."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    NO_DATA = "no_data"
    NOT_APPLICABLE = "not_applicable"


class Evaluation:
    """Follows one rule.

    inactive -> pending (the threshold is crossed) -> firing (for long enough) -> resolved (cleared for long enough) ->
    inactive. Without data a rule is `no_data`, never silently well; one that fires goes on firing until data say that
    all is well.

    Attributes:
        since: when the state began, by the clock that `step` is told.
        value: what was measured last; `None` without data.
        missing: why there are no data; empty when there are.
        firings: how often it fired.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.state = State.NO_DATA
        self.since: float | None = None
        self.value: float | None = None
        self.missing = "not measured yet"
        self.firings = 0
        self._well_since: float | None = None
        self._fired: deque[float] = deque(maxlen=_DOUBLINGS + 1)

    def step(self, reading: Reading, now: float) -> State | None:
        """Take a look. Returns `FIRING` or `RESOLVED` when the rule has just become that.

        Args:
            now: seconds on a clock that never goes back.
        """
        if isinstance(reading, Missing):
            self._without_data(reading, now)
            return None
        self.value, self.missing = reading, ""
        if self.state is State.FIRING:
            return self._while_firing(reading, now)
        if not self.rule.crossed(reading):
            self._become(State.INACTIVE, now)
            return None
        if self.state is not State.PENDING:
            self._become(State.PENDING, now)
        if self.since is None or now - self.since < self.rule.hold:
            return None
        self._become(State.FIRING, now)
        self.firings += 1
        self._fired.append(now)
        self._well_since = None
        return State.FIRING

    def _without_data(self, reading: Missing, now: float) -> None:
        self.value, self.missing = None, reading.reason
        if self.state is State.FIRING:
            self._well_since = None
        else:
            self._become(State.NO_DATA if reading.applicable else State.NOT_APPLICABLE, now)

    def _while_firing(self, value: float, now: float) -> State | None:
        if not self.rule.cleared(value):
            self._well_since = None
            return None
        if self._well_since is None:
            self._well_since = now
        if now - self._well_since < self.patience(now):
            return None
        self._become(State.RESOLVED, now)
        return State.RESOLVED

    def patience(self, now: float) -> float:
        """Return for how many seconds all has to be well before a firing rule resolves: more for one that flaps."""
        recent = sum(now - fired <= self.rule.flap_window for fired in self._fired)
        return self.rule.clear_hold * 2.0 ** max(0, recent - 1)

    def _become(self, state: State, now: float) -> None:
        if state is not self.state or self.since is None:
            self.state, self.since = state, now

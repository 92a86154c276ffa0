"""Learning what solved an error: the call that succeeded soon after a failed one, with a little of it changed."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import Final, NamedTuple

from channels import Clock
from integrations.error_firewall.call import Call
from integrations.error_firewall.model import Solution
from integrations.error_firewall.redaction import cut

MOST_OPERATIONS: Final = 1_000
MOST_FAILURES: Final = 20
"""Failures of one operation that are remembered, the newest."""
MOST_CHANGED: Final = 3
"""Parameters that a fix may change; with more of them it is another call, and proves nothing."""


class _Failure(NamedTuple):
    at: float
    record_id: str
    call: Call


class Fixes:
    """Remembers failures for a while. Callable from any thread.

    Args:
        seconds: for which a success may count as the fix of a failure; 0: never.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, deque[_Failure]] = OrderedDict()

    def failed(self, record_id: str, call: Call) -> None:
        """Remember that a call failed."""
        if not self._seconds or not call.is_comparable:
            return
        with self._lock:
            failures = self._failures.setdefault(call.operation, deque(maxlen=MOST_FAILURES))
            failures.append(_Failure(self._clock.monotonic(), record_id, call))
            self._failures.move_to_end(call.operation)
            if len(self._failures) > MOST_OPERATIONS:
                self._failures.popitem(last=False)

    def succeeded(self, call: Call) -> list[tuple[str, Solution]]:
        """Return the records that this success seems to solve, each with what it changed; each is returned once."""
        if call.operation not in self._failures or not call.is_comparable:
            return []
        oldest = self._clock.monotonic() - self._seconds
        solved: list[tuple[str, Solution]] = []
        with self._lock:
            kept: deque[_Failure] = deque(maxlen=MOST_FAILURES)
            for failure in self._failures.pop(call.operation, ()):
                solution = _difference(failure.call, call) if failure.at > oldest else None
                if solution is not None:
                    solved.append((failure.record_id, solution))
                elif failure.at > oldest:
                    kept.append(failure)
            if kept:
                self._failures[call.operation] = kept
        return solved


def _difference(failed: Call, succeeded: Call) -> Solution | None:
    """Return what was changed, if it was little: the same parameters, some with other values."""
    if failed.params.keys() != succeeded.params.keys():
        return None
    changed = {name: value for name, value in succeeded.params.items() if failed.params[name] != value}
    if not 1 <= len(changed) <= MOST_CHANGED:
        return None
    told = ", ".join(f"{name}: {value}" for name, value in changed.items())
    return Solution(cut(f"succeeded with {told}", 500), changed)

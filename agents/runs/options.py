"""The limits of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

INTERVAL_MAX: Final = 0.25
"""Most seconds between two writes of an answer: what a kill may lose."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How runs are kept and bounded. Times in seconds.

    Attributes:
        flush_interval: between two writes of an answer's pieces, at least. While one is under way the next pieces
            collect.
        waiting: messages of a session that may wait while one is answered.
        lease: after which a run counts as lost when its process hasn't renewed it; that happens three times as often.
        sweep: between two looks for runs that were lost, or that no queue knows.
        attempts: how often a run may be begun, when its process died before anything of an answer was written.
        recall: that searching the memory may take.
        remember: that storing an exchange may take.
        longest: that a run may take.
        characters: of an answer, at most.
    """

    flush_interval: float = 0.015
    waiting: int = 10
    lease: float = 15.0
    sweep: float = 5.0
    attempts: int = 3
    recall: float = 5.0
    remember: float = 5.0
    longest: float = 900.0
    characters: int = 400_000

    def __post_init__(self) -> None:
        if not 0 <= self.flush_interval <= INTERVAL_MAX:
            raise ValueError(f"expected flush_interval from 0 to {INTERVAL_MAX} s, got {self.flush_interval}")

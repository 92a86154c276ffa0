"""What runs count. No label says whose anything is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from agents.bus.durations import Durations


@dataclass(slots=True)
class RunMetrics:
    """Counts since the start of this process, and figures of all processes as of the last sweep.

    Attributes:
        ended: runs that ended here, by their status.
        recovered: runs of processes that died, which were ended or begun anew here.
        open: runs of all users that have not ended, by status; of all processes.
        waited: from a run's creation to its start.
        took: from its start to its end.
        first_token: from its start to the first piece of the answer.
        overhead: from its start to the question to the model.
    """

    ended: Counter[str] = field(default_factory=Counter)
    recovered: int = 0
    open: Counter[str] = field(default_factory=Counter)
    waited: Durations = field(default_factory=Durations)
    took: Durations = field(default_factory=Durations)
    first_token: Durations = field(default_factory=Durations)
    overhead: Durations = field(default_factory=Durations)

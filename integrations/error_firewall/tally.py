"""The firewall's own numbers."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts since the start, of this process.

    Attributes:
        blocks: checks that ended with a block.
        would_block: dry runs that would have.
        overrides: blocks that somebody let run.
        false_blocks: reported outcomes: what was blocked, or would have been, succeeded or was judged wrong.
        false_warnings: what was warned about succeeded.
        false_block_rate: `false_blocks / (blocks + would_block + overridden blocks)`; `None` without any.
        degraded: checks that could not be made as they should.
        recorded: errors recorded.
        failed: errors and outcomes that could not be recorded because the firewall itself failed.
        unwritten: verdicts and others that never reached the store, because the queue to it was full.
        entries: records and rules known now.
    """

    checks: int
    passes: int
    warns: int
    blocks: int
    would_block: int
    overrides: int
    false_blocks: int
    false_warnings: int
    false_block_rate: float | None
    degraded: int
    recorded: int
    failed: int
    unwritten: int
    entries: int


class Tally:
    """Counters of several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, *names: str) -> None:
        """Count one more of each."""
        with self._lock:
            for name in names:
                self._counts[name] += 1

    def statistics(self, unwritten: int, entries: int) -> Statistics:
        """Return the numbers as of now."""
        with self._lock:
            counts = self._counts.copy()
        stopped = counts["block"] + counts["would_block"] + counts["overridden"]
        return Statistics(
            checks=counts["checks"],
            passes=counts["allow"],
            warns=counts["warn"],
            blocks=counts["block"],
            would_block=counts["would_block"],
            overrides=counts["overridden"],
            false_blocks=counts["false_block"],
            false_warnings=counts["false_warning"],
            false_block_rate=round(counts["false_block"] / stopped, 4) if stopped else None,
            degraded=counts["degraded"],
            recorded=counts["recorded"],
            failed=counts["failed"],
            unwritten=unwritten,
            entries=entries,
        )

"""The firewall's bounds and modes."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.error_firewall.fingerprints import VOLATILE
from integrations.error_firewall.model import FailMode


@dataclass(frozen=True, slots=True)
class Options:
    """How a firewall behaves.

    Attributes:
        dry_run: nothing is blocked; verdicts and messages say what would have been.
        fail_mode: what a check says that can't be made: `open` warns, `closed` blocks. Degraded both times.
        similarity_threshold: likeness (0 to 1) from which a call warns; above 1 turns the search off.
        most_entries: records and rules known at most; a new error is then counted, and not recorded.
        most_vectors: records that are compared for likeness, the newest; 1 kB each.
        most_notes: verdicts, sightings and outcomes that wait for the store, each.
        volatile: names of parameters that never count.
        passes_per_second: messages `error_passed` per second at most; the next one counts those left out. 0: none.
        records_per_second: messages `error_recorded` per second at most, as above.
        captures_per_second: exceptions that the capture handlers record per second at most; others are counted.
        quiet_below: confidence under which what isn't confirmed no longer warns.
        demote_below: confidence under which what is confirmed goes back to suggested, after three failures.
        observed_for: seconds after the last sighting at which a record that nobody confirmed expires.
        fixes_within: seconds after a guarded call failed in which one like it that succeeds counts as its fix; 0: none.
        node: this process, in the audit.
    """

    dry_run: bool = False
    fail_mode: FailMode = FailMode.OPEN
    similarity_threshold: float = 0.9
    most_entries: int = 110_000
    most_vectors: int = 50_000
    most_notes: int = 10_000
    volatile: frozenset[str] = VOLATILE
    passes_per_second: float = 10.0
    records_per_second: float = 10.0
    captures_per_second: float = 50.0
    quiet_below: float = 0.25
    demote_below: float = 0.35
    observed_for: float = 90 * 86_400.0
    fixes_within: float = 3_600.0
    node: str | None = None

"""What goes out on `error_firewall`. Parameters stay here: a channel has many readers.

Messages are made as plain mappings, without a model's checks, since a check waits for them; the tests hold what goes
out against the published schemas.
"""

from __future__ import annotations

from typing import Any

from channels import Channels, Clock
from channels.push import Push
from integrations.error_firewall.confidence import confidence
from integrations.error_firewall.model import Decision, Entry, Record, Rule, Verdict
from integrations.error_firewall.sampling import Sampler

_LONGEST = 2_000
"""Characters of a text in a message."""


class Announcer:
    """Pushes what happens. Callable from any thread; never blocks, never raises for the hub's sake."""

    def __init__(self, push: Push, clock: Clock, passes_per_second: float, records_per_second: float) -> None:
        self._push = push
        self._passes = Sampler(passes_per_second, clock)
        self._records = Sampler(records_per_second, clock)
        self._last_pass: Verdict | None = None

    def verdict(self, verdict: Verdict, entry: Entry | None, actor: str | None, reason: str | None) -> None:
        """Announce what a check said."""
        if verdict.decision is Decision.ALLOW and not verdict.overridden:
            self._last_pass = verdict
            self._pass(self._passes.take())
            return
        data = _checked(verdict, entry)
        if verdict.overridden:
            self._send("error_overridden", {**data, "status": "overridden", "actor": actor, "reason": reason})
        elif verdict.decision is Decision.BLOCK:
            self._send("error_blocked", {**data, "status": "blocked"})
        else:
            self._send("error_warned", {**data, "status": "warned"})

    def recorded(self, record: Record) -> None:
        """Announce that an error was seen."""
        count = self._records.take()
        if count:
            why = "Seen for the first time." if record.occurrences == 1 else f"Seen {record.occurrences} times."
            message = record.message[:_LONGEST]
            data = _about(record, record.operation, why)
            self._send("error_recorded", {**data, "status": "recorded", "message": message, "count": count})

    def confirmed(self, entry: Entry) -> None:
        """Announce that an entry was confirmed."""
        data = _about(
            entry, entry.operation, "From now on it blocks." if entry.action is Decision.BLOCK else "It warns."
        )
        by = {"actor": entry.changed_by or "unnamed", "reason": entry.reason}
        self._send("solution_confirmed", {**data, "status": "confirmed", **by})

    def settle(self) -> None:
        """Announce passes that were left out, once their time has come."""
        self._pass(self._passes.rest())

    def _pass(self, count: int) -> None:
        if count and self._last_pass is not None:
            self._send("error_passed", {**_checked(self._last_pass, None), "status": "passed", "count": count})

    def _send(self, type: str, data: dict[str, Any]) -> None:
        self._push(Channels.ERROR_FIREWALL, type, data)


def _checked(verdict: Verdict, entry: Entry | None) -> dict[str, Any]:
    data = {
        **_about(entry, verdict.operation, verdict.why),
        "check_id": verdict.check_id,
        "ms": verdict.ms,
        "degraded": verdict.degraded,
        "dry_run": verdict.would_block,
    }
    if verdict.match is not None:
        data |= {"match": verdict.match.kind.value, "score": verdict.match.score}
    return data


def _about(entry: Entry | None, operation: str, why: str) -> dict[str, Any]:
    """Return the fields that all messages have; the six are there even when nothing matched."""
    about: dict[str, Any] = {
        "error_id": None,
        "error_scene": operation,
        "error_type": None,
        "solution": None,
        "confidence": None,
        "operation": operation,
        "why": why[:_LONGEST],
    }
    if entry is None:
        return about
    sure = confidence(entry.evidence)
    about |= {
        "error_id": error_id(entry),
        "error_type": entry.error_type,
        "solution": entry.solution.text[:_LONGEST] if entry.solution else None,
        "confidence": sure.value,
        "successes": sure.successes,
        "failures": sure.failures,
        "stage": entry.status.value,
    }
    if isinstance(entry, Record):
        about["occurrences"] = entry.occurrences
    elif isinstance(entry, Rule):
        about["rule_id"] = entry.id
    return about


def error_id(entry: Entry) -> str:
    """Return the record that an entry is about: itself, or a rule's first one; a rule without records is its own."""
    return entry.record_ids[0] if isinstance(entry, Rule) and entry.record_ids else entry.id

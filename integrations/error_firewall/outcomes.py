"""Learning from what came of it."""

from __future__ import annotations

from dataclasses import replace

from integrations.error_firewall.call import Call
from integrations.error_firewall.confidence import confidence, counted
from integrations.error_firewall.model import Audited, Decision, Entry, MatchKind, Outcome, OutcomeKind, Status, Verdict
from integrations.error_firewall.overriding import MayOverride, Override, visible
from integrations.error_firewall.parts import Parts
from integrations.error_firewall.ports import UnknownEntry
from integrations.error_firewall.redaction import cut, without_secrets

ENOUGH_FAILURES = 3
"""Failures before confidence may take an entry's confirmation away: one bad day is no proof."""


class Outcomes:
    """Counts outcomes, and takes back a confirmation that they speak against. Callable from any thread."""

    def __init__(self, parts: Parts, may_override: MayOverride) -> None:
        self._parts = parts
        self._may_override = may_override

    def report(self, target: Verdict | str, kind: OutcomeKind, actor: str | None, reason: str | None) -> Entry:
        """Count an outcome for the entry that a verdict matched, or for an entry by its id.

        Raises:
            UnknownEntry: the verdict matched none, or it is gone.
        """
        verdict = target if isinstance(target, Verdict) else None
        name = target if isinstance(target, str) else _entry_of(target)
        knowledge = self._parts.knowledge
        with knowledge.lock:
            known = knowledge.index.get(name)
            if known is None:
                raise UnknownEntry(f"expected a record or rule that the firewall knows; came {name[:80]!r}")
            entry = self.judged(replace(known, evidence=counted(known.evidence, kind)))
            knowledge.put(entry)
        self._count(verdict, kind)
        self._parts.books.outcome(
            Outcome(
                self._parts.clock.now(),
                entry.id,
                kind,
                verdict.check_id if verdict else None,
                visible(actor) if actor else None,
                cut(without_secrets(reason)) if reason else None,
            )
        )
        return entry

    def _count(self, verdict: Verdict | None, kind: OutcomeKind) -> None:
        if kind is not OutcomeKind.FALSE_BLOCK:
            return
        stopped = verdict is None or verdict.decision is Decision.BLOCK or verdict.overridden or verdict.would_block
        self._parts.tally.add("false_block" if stopped else "false_warning")

    def judged(self, entry: Entry) -> Entry:
        """Return an entry without its confirmation if its outcomes speak against it."""
        sure = confidence(entry.evidence)
        if (
            entry.status is not Status.CONFIRMED
            or sure.failures < ENOUGH_FAILURES
            or sure.value >= self._parts.options.demote_below
        ):
            return entry
        reason = f"confidence fell to {sure.value:.2f} ({sure.successes} for it, {sure.failures} against it)"
        return replace(entry, status=Status.SUGGESTED, changed_by="the firewall", reason=reason)

    def override(self, verdict: Verdict, override: Override) -> Verdict:
        """Let a blocked call run after all.

        Raises:
            OverrideRefused: without a reason, a name or the permission.
            ValueError: the verdict is no block.
        """
        if verdict.decision is not Decision.BLOCK:
            raise ValueError(f"expected a verdict that blocks; came {verdict.decision}")
        granted = override.require(self._may_override, verdict.operation)
        why = f"Overridden ({granted.reason}). {verdict.why}"
        overridden = replace(verdict, decision=Decision.ALLOW, overridden=True, why=why)
        parts = self._parts
        parts.tally.add("overridden")
        parts.books.verdict(
            Audited(
                parts.clock.now(),
                replace(overridden, check_id=f"{verdict.check_id}-override"),
                actor=granted.actor,
                node=parts.options.node,
            )
        )
        self.note_override(overridden, granted.actor, granted.reason)
        entry = parts.knowledge.index.get(_entry_of(verdict))
        parts.announcer.verdict(overridden, entry, granted.actor, granted.reason)
        return overridden

    def note_override(self, verdict: Verdict, actor: str | None, reason: str | None) -> None:
        """Count that a block of an entry was overridden."""
        if verdict.match is not None and self._parts.knowledge.index.get(verdict.match.entry_id) is not None:
            self.report(verdict, OutcomeKind.OVERRIDDEN, actor, reason)

    def finished(self, verdict: Verdict, call: Call | None, error_type: str | None) -> None:
        """Learn from a call that was made: `error_type` is what it failed with; `None`: it succeeded.

        Never raises; what fails is counted.
        """
        try:
            self._learn(verdict, call, error_type)
        except Exception:
            self._parts.tally.add("failed")

    def _learn(self, verdict: Verdict, call: Call | None, error_type: str | None) -> None:
        if call is None:
            return
        if error_type is None:
            self._parts.knowledge.recent.add(call)
        else:
            self._parts.knowledge.recent.drop(call)
        match = verdict.match
        entry = None if match is None else self._parts.knowledge.index.get(match.entry_id)
        if match is not None and entry is not None and match.kind is not MatchKind.SIMILAR:
            if error_type is None and entry.action is Decision.BLOCK:  # one that only warns may be right all the same
                self.report(verdict, OutcomeKind.FALSE_BLOCK, None, "the operation succeeded")
            elif error_type == match.error_type:
                self.report(verdict, OutcomeKind.REPEATED, None, "the operation failed again")
        for entry in self._parts.knowledge.index.solved_by(call):
            kind = OutcomeKind.WORKED if error_type is None else OutcomeKind.DID_NOT
            self.report(entry.id, kind, None, "the operation was run with the solution's parameters")


def _entry_of(verdict: Verdict) -> str:
    return verdict.match.entry_id if verdict.match is not None else ""

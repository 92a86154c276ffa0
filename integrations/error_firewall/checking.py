"""Checking a call before it is made."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from integrations.error_firewall.announcing import error_id
from integrations.error_firewall.call import Call, make_call, name_of
from integrations.error_firewall.confidence import confidence
from integrations.error_firewall.matching import Finding, Matcher
from integrations.error_firewall.model import Audited, Decision, FailMode, Match, MatchKind, Rule, Verdict
from integrations.error_firewall.overriding import MayOverride, Override, OverrideRefused
from integrations.error_firewall.parts import Parts
from integrations.error_firewall.wording import why


class Checker:
    """Makes verdicts. Callable from any thread; never raises for what goes wrong inside: such a verdict is degraded."""

    def __init__(self, parts: Parts, may_override: MayOverride) -> None:
        self._parts = parts
        self._may_override = may_override
        options = parts.options
        self._matcher = Matcher(
            parts.knowledge,
            parts.environment,
            options.fail_mode,
            options.quiet_below,
            options.observed_for,
        )

    def check(
        self,
        operation: str,
        params: Mapping[str, Any] | None,
        context: Mapping[str, Any] | None,
        actor: str | None,
        override: Override | None,
    ) -> tuple[Verdict, Call | None]:
        """Check a call; ask the environment first where that matters, which may wait for its time-out."""
        started = time.perf_counter()
        try:
            call = make_call(operation, params, context, self._parts.options.volatile)
            finding = self._find(call)
            if finding.stale:
                for name in sorted(finding.stale):
                    self._parts.environment.refresh(name)
                finding = self._find(call)
        except Exception as error:
            return self._failed(operation, error, started, actor, override), None
        return self._conclude(call, finding, started, actor, override), call

    async def check_async(
        self,
        operation: str,
        params: Mapping[str, Any] | None,
        context: Mapping[str, Any] | None,
        actor: str | None,
        override: Override | None,
    ) -> tuple[Verdict, Call | None]:
        """Check a call as `check` does, without holding up the loop when the environment has to be asked."""
        started = time.perf_counter()
        try:
            call = make_call(operation, params, context, self._parts.options.volatile)
            finding = self._find(call)
            if finding.stale:
                for name in sorted(finding.stale):
                    await self._parts.environment.refresh_async(name)
                finding = self._find(call)
        except Exception as error:
            return self._failed(operation, error, started, actor, override), None
        return self._conclude(call, finding, started, actor, override), call

    def _find(self, call: Call) -> Finding:
        return self._matcher.find(call, self._parts.clock.now())

    def _failed(
        self, operation: object, error: Exception, started: float, actor: str | None, override: Override | None
    ) -> Verdict:
        """Say what the fail mode says. The error's own text may hold anything, so its type has to do."""
        finding = Finding(problems=[f"the check itself failed ({type(error).__name__})"])
        finding.decision = self._by_fail_mode()
        name = name_of(operation) if isinstance(operation, str) else type(operation).__name__
        return self._conclude(Call(name, {}, {}, "", False), finding, started, actor, override)

    def _by_fail_mode(self) -> Decision:
        return Decision.BLOCK if self._parts.options.fail_mode is FailMode.CLOSED else Decision.WARN

    def _conclude(
        self, call: Call, finding: Finding, started: float, actor: str | None, override: Override | None
    ) -> Verdict:
        problems = [*finding.problems, *self._doubts()]
        if not self._parts.following.loaded and finding.decision is Decision.ALLOW:
            finding.decision = self._by_fail_mode()  # nothing is known yet, which is not the same as nothing is wrong
        granted, refusal = self._grant(call, finding, override)
        if refusal:
            problems.append(refusal)
        verdict = self._verdict(call, finding, problems, granted, started)
        self._tell(verdict, call, finding, granted.actor if granted else actor, granted)
        return verdict

    def _doubts(self) -> list[str]:
        """What makes any verdict of now less than it should be."""
        problem = self._parts.following.problem
        return [] if problem is None else [problem]

    def _grant(self, call: Call, finding: Finding, override: Override | None) -> tuple[Override | None, str]:
        if override is None or finding.decision is not Decision.BLOCK or self._parts.options.dry_run:
            return None, ""
        try:
            return override.require(self._may_override, call.operation), ""
        except OverrideRefused as error:
            return None, f"the override was refused: {error}"
        except Exception as error:
            return None, f"the override was refused: permissions can't be read ({type(error).__name__})"

    def _verdict(
        self, call: Call, finding: Finding, problems: list[str], granted: Override | None, started: float
    ) -> Verdict:
        dry_run = self._parts.options.dry_run
        blocks = finding.decision is Decision.BLOCK
        decision = finding.decision
        if blocks and granted is not None:
            decision = Decision.ALLOW
        elif blocks and dry_run:
            decision = Decision.WARN
        entry = finding.entry
        found = entry is not None and finding.kind is not None
        return Verdict(
            check_id=f"check-{self._parts.ids()}",
            operation=call.operation,
            decision=decision,
            why=why(finding, problems, dry_run=dry_run, overridden=granted.reason if granted else None),
            match=_match(finding) if found else None,
            solution=entry.solution if entry else None,
            confidence=confidence(entry.evidence) if entry else None,
            rule_id=entry.id if isinstance(entry, Rule) else None,
            ms=round((time.perf_counter() - started) * 1_000, 4),
            degraded=bool(problems),
            would_block=blocks and dry_run,
            overridden=granted is not None,
        )

    def _tell(
        self, verdict: Verdict, call: Call, finding: Finding, actor: str | None, granted: Override | None
    ) -> None:
        parts = self._parts
        try:
            counted = "overridden" if verdict.overridden else verdict.decision.value
            also = (("would_block",) if verdict.would_block else ()) + (("degraded",) if verdict.degraded else ())
            parts.tally.add("checks", counted, *also)
            parts.books.verdict(
                Audited(parts.clock.now(), verdict, call.params, call.context, actor, parts.options.node)
            )
            parts.announcer.verdict(verdict, finding.entry, actor, granted.reason if granted else None)
        except Exception:
            parts.tally.add("failed")


def _match(finding: Finding) -> Match | None:
    entry = finding.entry
    if entry is None:
        return None
    kind = finding.kind or MatchKind.EXACT
    return Match(kind, entry.id, error_id(entry), entry.error_type, entry.status, finding.score)

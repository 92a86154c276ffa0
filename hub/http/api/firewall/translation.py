"""From what the firewall knows and says to what the API answers."""

from __future__ import annotations

from typing import Any

from channels.clock import iso
from hub.http.api.firewall.answers import (
    AuditedVerdict,
    EnvironmentResource,
    ErrorConfidence,
    ErrorEvidence,
    ErrorMatch,
    ErrorOutcome,
    ErrorRecord,
    ErrorRequirement,
    ErrorRule,
    ErrorSolution,
    FirewallVerdict,
    RulePredicate,
)
from integrations.error_firewall.confidence import confidence
from integrations.error_firewall.model import (
    Audited,
    Confidence,
    Entry,
    Match,
    Outcome,
    Predicate,
    Record,
    Rule,
    Solution,
    Verdict,
)
from integrations.error_firewall.postgres import Resource


def verdict_answer(verdict: Verdict) -> FirewallVerdict:
    """Write a verdict."""
    return FirewallVerdict(
        check_id=verdict.check_id,
        operation=verdict.operation,
        decision=verdict.decision.value,
        why=verdict.why,
        match=_match(verdict.match),
        solution=_solution(verdict.solution),
        confidence=None if verdict.confidence is None else _confidence(verdict.confidence),
        rule_id=verdict.rule_id,
        ms=verdict.ms,
        degraded=verdict.degraded,
        would_block=verdict.would_block,
        overridden=verdict.overridden,
    )


def record_answer(record: Record) -> ErrorRecord:
    """Write a record."""
    return ErrorRecord(
        **_shared(record),
        message=record.message,
        params=dict(record.params),
        context=dict(record.context),
        frames=list(record.frames),
        occurrences=record.occurrences,
        first_seen=iso(record.first_seen),
        last_seen=iso(record.last_seen),
        fingerprint=record.fingerprints.exact,
        family=record.fingerprints.family,
    )


def rule_answer(rule: Rule) -> ErrorRule:
    """Write a rule."""
    return ErrorRule(
        **_shared(rule),
        predicates=[_predicate(predicate) for predicate in rule.predicates],
        record_ids=list(rule.record_ids),
        title=rule.title,
    )


def audited_answer(audited: Audited) -> AuditedVerdict:
    """Write a verdict out of the books."""
    return AuditedVerdict(
        at=iso(audited.at),
        verdict=verdict_answer(audited.verdict),
        params=dict(audited.params),
        context=dict(audited.context),
        actor=audited.actor,
        node=audited.node,
    )


def outcome_answer(outcome: Outcome) -> ErrorOutcome:
    """Write an outcome."""
    return ErrorOutcome(
        at=iso(outcome.at),
        entry_id=outcome.entry_id,
        kind=outcome.kind.value,
        check_id=outcome.check_id,
        actor=outcome.actor,
        reason=outcome.reason,
    )


def resource_answer(resource: Resource) -> EnvironmentResource:
    """Write what the environment has."""
    return EnvironmentResource(
        name=resource.name,
        items=[dict(item) for item in resource.items],
        covers={operation: dict(fields) for operation, fields in resource.covers.items()},
        updated_at=iso(resource.updated_at),
        changed_by=resource.changed_by,
    )


def _shared(entry: Entry) -> dict[str, Any]:
    evidence, requirement = entry.evidence, entry.requirement
    return {
        "id": entry.id,
        "operation": entry.operation,
        "error_type": entry.error_type,
        "status": entry.status.value,
        "action": entry.action.value,
        "solution": _solution(entry.solution),
        "confidence": _confidence(confidence(evidence)),
        "evidence": ErrorEvidence(
            worked=evidence.worked,
            did_not=evidence.did_not,
            repeated=evidence.repeated,
            overridden=evidence.overridden,
            false_blocks=evidence.false_blocks,
        ),
        "requirement": requirement and ErrorRequirement(resource=requirement.resource, fields=dict(requirement.fields)),
        "fail_mode": entry.fail_mode and entry.fail_mode.value,
        "created_at": iso(entry.created_at),
        "updated_at": iso(entry.updated_at),
        "expires_at": None if entry.expires_at is None else iso(entry.expires_at),
        "changed_by": entry.changed_by,
        "reason": entry.reason,
        "version": entry.version,
    }


def _solution(solution: Solution | None) -> ErrorSolution | None:
    return None if solution is None else ErrorSolution(text=solution.text, params=dict(solution.params))


def _confidence(value: Confidence) -> ErrorConfidence:
    return ErrorConfidence(
        value=value.value, successes=value.successes, failures=value.failures, low=value.low, high=value.high
    )


def _match(match: Match | None) -> ErrorMatch | None:
    if match is None:
        return None
    return ErrorMatch(
        kind=match.kind.value,
        entry_id=match.entry_id,
        error_id=match.error_id,
        error_type=match.error_type,
        status=match.status.value,
        score=min(1.0, max(0.0, match.score)),
    )


def _predicate(predicate: Predicate) -> RulePredicate:
    return RulePredicate(
        kind=predicate.kind.value,
        field=predicate.field,
        argument=predicate.argument,
        ignore_case=predicate.ignore_case,
    )

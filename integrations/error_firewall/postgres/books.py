"""Verdicts and outcomes as rows, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from integrations.error_firewall.model import (
    Audited,
    Confidence,
    Decision,
    Match,
    MatchKind,
    Outcome,
    OutcomeKind,
    Status,
    Verdict,
)
from integrations.error_firewall.postgres.json_text import dumps, loads, plain
from integrations.error_firewall.postgres.rows import Row, solution_dict, solution_of


def verdict_row(audited: Audited) -> tuple[Any, ...]:
    """Write a verdict as `check_id, at, operation, decision, entry_id, body`."""
    verdict = audited.verdict
    match = verdict.match
    body = {
        "params": dict(audited.params),
        "context": dict(audited.context),
        "actor": audited.actor,
        "node": audited.node,
        "why": verdict.why,
        "match": None if match is None else asdict(match),
        "solution": solution_dict(verdict.solution),
        "confidence": None if verdict.confidence is None else asdict(verdict.confidence),
        "rule_id": verdict.rule_id,
        "ms": verdict.ms,
        "degraded": verdict.degraded,
        "would_block": verdict.would_block,
        "overridden": verdict.overridden,
    }
    return (
        plain(verdict.check_id),
        audited.at,
        plain(verdict.operation),
        verdict.decision.value,
        None if match is None else plain(match.entry_id),
        dumps(body),
    )


def audited_of(row: Row) -> Audited:
    """Read a verdict."""
    body = loads(row["body"])
    confidence = body["confidence"]
    verdict = Verdict(
        check_id=row["check_id"],
        operation=row["operation"],
        decision=Decision(row["decision"]),
        why=body["why"],
        match=_match_of(body["match"]),
        solution=solution_of(body["solution"]),
        confidence=None if confidence is None else Confidence(**confidence),
        rule_id=body["rule_id"],
        ms=body["ms"],
        degraded=body["degraded"],
        would_block=body["would_block"],
        overridden=body["overridden"],
    )
    return Audited(row["at"], verdict, body["params"], body["context"], body["actor"], body["node"])


def _match_of(value: Mapping[str, Any] | None) -> Match | None:
    if value is None:
        return None
    return Match(**{**value, "kind": MatchKind(value["kind"]), "status": Status(value["status"])})


def outcome_row(outcome: Outcome) -> tuple[Any, ...]:
    """Write an outcome as `entry_id, at, kind, check_id, actor, reason`."""
    texts = (None if text is None else plain(text) for text in (outcome.check_id, outcome.actor, outcome.reason))
    return (plain(outcome.entry_id), outcome.at, outcome.kind.value, *texts)


def outcome_of(row: Row) -> Outcome:
    """Read an outcome."""
    return Outcome(row["at"], row["entry_id"], OutcomeKind(row["kind"]), row["check_id"], row["actor"], row["reason"])
